//! The pipe on Unix: a socket with mode 0600 in a folder that only this user can enter.

use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName};
use interprocess::os::unix::local_socket::ListenerOptionsExt;

use super::PipeError;

/// The greatest path that fits into a Unix socket's address on every system (macOS has 104 bytes with the final NUL).
const MAX_SOCKET_PATH: usize = 103;
/// Read and write for this user.
const SOCKET_MODE: u16 = 0o600;
/// All for this user.
const FOLDER_MODE: u32 = 0o700;

/// This user, as text.
pub(super) fn user() -> Result<String, PipeError> {
    Ok(uid().to_string())
}

/// Where the socket of this name lies: in `$XDG_RUNTIME_DIR`, else in a folder of ours in the temporary folder.
pub(super) fn place(name: &str) -> Result<String, PipeError> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let folder = folder(runtime, &std::env::temp_dir(), uid(), name)?;
    let path = folder.join(name);
    path.to_str().map(str::to_owned).ok_or_else(|| PipeError::io(path.display(), "the path is not UTF-8"))
}

/// Listens at `path`. A socket that a killed companion left behind is replaced.
pub(super) async fn listen(path: &str) -> Result<Listener, PipeError> {
    match bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            remove_stale(path, uid()).await?;
            bind(path).map_err(|error| PipeError::io(format!("Failed to open the pipe {path}"), error))
        }
        result => result.map_err(|error| PipeError::io(format!("Failed to open the pipe {path}"), error)),
    }
}

/// Connects to the companion at `path`. `NotRunning` if nobody listens there.
pub(super) async fn connect(path: &str) -> Result<Stream, PipeError> {
    let name = path.to_fs_name::<GenericFilePath>().map_err(|error| PipeError::io(path, error))?;
    match Stream::connect(name).await {
        Ok(stream) => check_peer(&stream, path).map(|()| stream),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => Err(PipeError::NotRunning),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(PipeError::ForeignOwner(path.to_owned())),
        Err(error) => Err(PipeError::io(format!("Failed to open the pipe {path}"), error)),
    }
}

/// Whether the other side belongs to this user.
pub(super) fn check_peer(stream: &Stream, path: &str) -> Result<(), PipeError> {
    check_peer_is(uid(), stream, path)
}

fn check_peer_is(uid: u32, stream: &Stream, path: &str) -> Result<(), PipeError> {
    let credentials = stream.peer_creds().map_err(|error| PipeError::io("Failed to ask who is on the pipe", error))?;
    if credentials.euid() == Some(uid) { Ok(()) } else { Err(PipeError::ForeignOwner(path.to_owned())) }
}

fn uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn bind(path: &str) -> std::io::Result<Listener> {
    let options = || path.to_fs_name::<GenericFilePath>().map(|name| ListenerOptions::new().name(name));
    match options()?.mode(SOCKET_MODE.into()).create_tokio() {
        // Some systems cannot set a socket's mode before it is bound; the folder keeps others out there.
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            let listener = options()?.create_tokio()?;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(SOCKET_MODE.into()))?;
            Ok(listener)
        }
        result => result,
    }
}

async fn remove_stale(path: &str, uid: u32) -> Result<(), PipeError> {
    let metadata = std::fs::symlink_metadata(path).map_err(|error| PipeError::io(path, error))?;
    if metadata.uid() != uid {
        return Err(PipeError::ForeignOwner(path.to_owned()));
    }
    match connect(path).await {
        Ok(_) => Err(PipeError::AlreadyServed),
        Err(PipeError::NotRunning) => std::fs::remove_file(path).map_err(|error| PipeError::io(path, error)),
        Err(error) => Err(error),
    }
}

fn folder(runtime: Option<PathBuf>, temporary: &Path, uid: u32, name: &str) -> Result<PathBuf, PipeError> {
    let fits = |folder: &Path| folder.as_os_str().len() + 1 + name.len() <= MAX_SOCKET_PATH;
    let usable = |folder: &PathBuf| folder.is_absolute() && fits(folder) && is_private(folder, uid);
    if let Some(folder) = runtime.filter(usable) {
        return Ok(folder);
    }
    let own = format!("fyteclub-{uid}");
    let temporary = temporary.join(&own);
    private_folder(if fits(&temporary) { temporary } else { Path::new("/tmp").join(own) }, uid)
}

fn is_private(folder: &Path, uid: u32) -> bool {
    std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir() && found.uid() == uid && found.mode() & 0o077 == 0)
}

/// Makes the folder, or checks that the one that is there is ours, no link, and closed to others.
fn private_folder(folder: PathBuf, uid: u32) -> Result<PathBuf, PipeError> {
    let failed = |error: std::io::Error| PipeError::io(format!("Failed to prepare {}", folder.display()), error);
    match std::fs::DirBuilder::new().mode(FOLDER_MODE).create(&folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let found = std::fs::symlink_metadata(&folder).map_err(failed)?;
    if !found.is_dir() || found.uid() != uid {
        return Err(PipeError::ForeignOwner(folder.display().to_string()));
    }
    if found.mode() & 0o077 != 0 {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(FOLDER_MODE)).map_err(failed)?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "fyteclub-0123456789abcdef";

    #[test]
    fn the_runtime_folder_is_used_only_if_it_is_ours_and_closed() {
        let temporary = tempfile::tempdir().unwrap();
        let runtime = temporary.path().join("run");
        std::fs::DirBuilder::new().mode(0o700).create(&runtime).unwrap();
        assert_eq!(folder(Some(runtime.clone()), temporary.path(), uid(), NAME).unwrap(), runtime);
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o755)).unwrap();
        let own = temporary.path().join(format!("fyteclub-{}", uid()));
        assert_eq!(folder(Some(runtime), temporary.path(), uid(), NAME).unwrap(), own);
        assert_eq!(folder(Some("relative".into()), temporary.path(), uid(), NAME).unwrap(), own);
        assert!(is_private(&own, uid()));
    }

    #[test]
    fn a_folder_of_ours_that_is_open_to_others_is_closed() {
        let temporary = tempfile::tempdir().unwrap();
        let own = temporary.path().join("fyteclub");
        std::fs::DirBuilder::new().mode(0o777).create(&own).unwrap();
        private_folder(own.clone(), uid()).unwrap();
        assert!(is_private(&own, uid()));
    }

    #[test]
    fn a_folder_of_somebody_else_and_a_link_are_named_as_foreign() {
        let temporary = tempfile::tempdir().unwrap();
        let stranger = uid() + 1;
        let error = folder(None, temporary.path(), stranger, NAME).unwrap_err();
        assert!(matches!(error, PipeError::ForeignOwner(path) if path.contains(&format!("fyteclub-{stranger}"))));
        let link = temporary.path().join("link");
        std::os::unix::fs::symlink(temporary.path(), &link).unwrap();
        assert!(matches!(private_folder(link, uid()), Err(PipeError::ForeignOwner(_))));
    }

    #[test]
    fn a_path_that_is_too_long_for_a_socket_is_not_chosen() {
        let temporary = tempfile::tempdir().unwrap();
        let deep = temporary.path().join("x".repeat(100));
        assert_eq!(folder(None, &deep, uid(), NAME).unwrap(), Path::new("/tmp").join(format!("fyteclub-{}", uid())));
    }

    #[tokio::test]
    async fn only_this_user_can_open_the_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _listener = listen(path.to_str().unwrap()).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_pipe_of_somebody_else_is_neither_used_nor_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let path = path.to_str().unwrap();
        let listener = listen(path).await.unwrap();
        let (client, server) = tokio::join!(connect(path), listener.accept());
        let (client, server, stranger) = (client.unwrap(), server.unwrap(), uid() + 1);
        for stream in [&client, &server] {
            assert!(check_peer(stream, path).is_ok());
            let refused = check_peer_is(stranger, stream, path);
            assert!(matches!(refused, Err(PipeError::ForeignOwner(whose)) if whose == path));
        }
        assert!(matches!(remove_stale(path, stranger).await, Err(PipeError::ForeignOwner(_))));
        assert!(matches!(remove_stale(path, uid()).await, Err(PipeError::AlreadyServed)));
        assert!(Path::new(path).exists());
    }
}
