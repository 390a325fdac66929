//! `endpoint.json`: how a client finds the pipe of a profile.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::PipeError;
use crate::runtime::files::write_atomically;
use crate::wire::knock::Token;
use crate::wire::plugin::PIPE_PROTOCOL;

/// More than this is no endpoint file.
const MAX_FILE: u64 = 64 << 10;

/// What `endpoint.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Endpoint {
    /// The newest protocol that the companion speaks.
    pub protocol: u16,
    /// `fyteclub-` and 16 hexadecimal digits.
    pub name: String,
    /// What to open: a Unix socket's path, or `\\.\pipe\` and the name.
    pub path: String,
    /// The companion's process.
    pub pid: u32,
    /// The port for plugins in a Wine or Proton prefix, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<TcpEndpoint>,
}

/// The port on 127.0.0.1 that plugins may use in the pipe's stead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TcpEndpoint {
    /// Its number.
    pub port: u16,
    /// What both sides show that they know.
    pub token: Token,
}

impl Endpoint {
    /// This process, serving at `path`.
    pub(super) fn of_this_process(name: &str, path: &str) -> Self {
        let (name, path) = (name.to_owned(), path.to_owned());
        Self { protocol: PIPE_PROTOCOL, name, path, pid: std::process::id(), tcp: None }
    }

    /// Reads the file. `NotRunning` if there is none.
    pub(super) fn read(file: &Path) -> Result<Self, PipeError> {
        let failed = |error: &dyn std::fmt::Display| PipeError::io(format!("Failed to read {}", file.display()), error);
        let size = match std::fs::metadata(file) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(PipeError::NotRunning),
            Err(error) => return Err(failed(&error)),
        };
        if size > MAX_FILE {
            return Err(failed(&format_args!("it has {size} bytes, which is too many: delete it and restart FyteClub")));
        }
        let text = std::fs::read(file).map_err(|error| failed(&error))?;
        serde_json::from_slice(&text).map_err(|error| failed(&error))
    }
}

/// The file while the pipe is served; removed when dropped, unless another companion has written its own by then.
#[derive(Debug)]
pub(super) struct EndpointFile {
    file: PathBuf,
    endpoint: Endpoint,
}

impl EndpointFile {
    /// Writes the file in one step: a reader sees the old one or the new one.
    pub(super) fn write(file: &Path, endpoint: Endpoint) -> Result<Self, PipeError> {
        let written = serde_json::to_vec_pretty(&endpoint).map_err(|error| error.to_string());
        let written = written.and_then(|text| write_atomically(file, &text).map_err(|error| error.to_string()));
        written.map_err(|error| PipeError::io("Failed to say where the pipe is", error))?;
        Ok(Self { file: file.to_owned(), endpoint })
    }
}

impl Drop for EndpointFile {
    fn drop(&mut self) {
        if Endpoint::read(&self.file).is_ok_and(|found| found == self.endpoint) {
            let _ = std::fs::remove_file(&self.file);
        }
    }
}

/// `fyteclub-<16 hex of BLAKE3(user ‖ canonical profile path)>`: one name for each user and profile.
pub(super) fn pipe_name(user: &str, canonical_profile: &Path) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(user.as_bytes());
    hasher.update(canonical_profile.as_os_str().as_encoded_bytes());
    let hash = hasher.finalize().to_hex();
    format!("fyteclub-{}", hash.get(..16).unwrap_or(&hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_differs_by_user_and_by_profile_and_is_always_the_same() {
        let name = pipe_name("1000", Path::new("/home/aria/fyteclub"));
        assert_eq!(name.len(), "fyteclub-".len() + 16);
        assert_eq!(name, pipe_name("1000", Path::new("/home/aria/fyteclub")));
        assert_ne!(name, pipe_name("1001", Path::new("/home/aria/fyteclub")));
        assert_ne!(name, pipe_name("1000", Path::new("/home/aria/other")));
    }

    #[test]
    fn the_file_reads_back_and_goes_with_its_writer_but_not_with_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("endpoint.json");
        let old = EndpointFile::write(&file, Endpoint::of_this_process("a", "/old")).unwrap();
        let new = EndpointFile::write(&file, Endpoint::of_this_process("a", "/new")).unwrap();
        drop(old);
        assert_eq!(Endpoint::read(&file).unwrap().path, "/new");
        drop(new);
        assert!(matches!(Endpoint::read(&file), Err(PipeError::NotRunning)));
    }

    #[test]
    fn a_file_that_is_no_endpoint_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("endpoint.json");
        std::fs::write(&file, "{}").unwrap();
        assert!(Endpoint::read(&file).unwrap_err().to_string().contains("endpoint.json"));
        std::fs::write(&file, vec![b' '; 70_000]).unwrap();
        assert!(Endpoint::read(&file).unwrap_err().to_string().contains("70000 bytes"));
    }
}
