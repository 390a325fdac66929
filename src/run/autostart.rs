//! Starting with the computer: keeps what the system starts in step with the setting, and with where the program lies.

use std::path::{Path, PathBuf};

use auto_launch::{AutoLaunch, AutoLaunchBuilder, LinuxLaunchMode, WindowsEnableMode};

use crate::runtime::files::Profile;
use crate::runtime::handle::Handle;

/// Follows the setting until the engine ends. A sentence of what fails goes to `tell`.
pub(super) async fn follow(handle: Handle, profile: Profile, tell: impl Fn(String)) {
    let mut snapshots = handle.snapshots();
    let folder = folder_to_name(&profile);
    // Off at first: whoever never asked for it has nothing taken away that somebody else has put there.
    let mut done = false;
    while snapshots.wait_for(|snapshot| snapshot.settings.start_with_computer != done).await.is_ok() {
        done = !done;
        let folder = folder.clone();
        if let Ok(Err(reason)) = tokio::task::spawn_blocking(move || set(done, folder.as_deref())).await {
            tell(reason);
        }
    }
}

/// The profile's folder, if it is not the one that is used without being named.
fn folder_to_name(profile: &Profile) -> Option<PathBuf> {
    let usual = Profile::of_user().is_ok_and(|usual| usual.root() == profile.root());
    (!usual).then(|| profile.root().to_owned())
}

/// # Errors
/// One sentence.
fn set(on: bool, folder: Option<&Path>) -> Result<(), String> {
    let failed = |why: String| {
        let what = if on { "made to start" } else { "kept from starting" };
        format!("FyteClub could not be {what} with the computer: {why}. The setting is tried again at the next start.")
    };
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let entry = entry(&program, folder).map_err(|error| failed(error.to_string()))?;
    let done = if on { entry.enable() } else { entry.disable() };
    done.map_err(|error| failed(error.to_string()))
}

fn entry(program: &Path, folder: Option<&Path>) -> auto_launch::Result<AutoLaunch> {
    let mut arguments = vec!["--hidden".to_owned()];
    if let Some(folder) = folder {
        arguments.extend(["--profile".to_owned(), quoted(&folder.display().to_string())]);
    }
    AutoLaunchBuilder::new()
        .set_app_name("FyteClub")
        .set_app_path(&quoted(&program.display().to_string()))
        .set_args(&arguments)
        .set_linux_launch_mode(LinuxLaunchMode::XdgAutostart)
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
        .build()
}

/// A path with a space is one word, as both a desktop entry and the registry read it.
fn quoted(path: &str) -> String {
    if path.contains(' ') { format!("\"{path}\"") } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_starts_in_the_tray_with_the_profile_that_runs() {
        let plain = entry(Path::new("/opt/fyteclub"), None).unwrap();
        assert_eq!((plain.get_app_path(), plain.get_args()), ("/opt/fyteclub", &["--hidden".to_owned()][..]));
        let other = entry(Path::new("/opt/my games/fyteclub"), Some(Path::new("/tmp/a b"))).unwrap();
        assert_eq!(other.get_app_path(), "\"/opt/my games/fyteclub\"");
        assert_eq!(other.get_args(), ["--hidden", "--profile", "\"/tmp/a b\""]);
    }
}
