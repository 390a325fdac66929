//! One program for window and terminal.
//!
//! Windows decides by a mark in the file whether a program gets a console. `fyteclub` is marked as a console program, so that
//! `ctl` prints where it was called and shells wait for it and see its exit code. Its manifest (`build.rs`) says
//! `consoleAllocationPolicy: detached`: since Windows 11 24H2 no console is made when it is started from the desktop. On older
//! systems one is made, and [`release`] lets go of it at once when the window is what was asked for.

/// Lets go of a console that was made for this process alone. A terminal's own console is left as it is.
#[cfg(windows)]
#[allow(unsafe_code, reason = "the console has no safe interface in std or a crate that is well kept")]
pub fn release() {
    use windows_sys::Win32::System::Console::{FreeConsole, GetConsoleProcessList};
    let mut processes = [0_u32; 2];
    // SAFETY: the pointer and the length describe `processes`, which outlives the call.
    let count = unsafe { GetConsoleProcessList(processes.as_mut_ptr(), 2) };
    if count == 1 {
        // SAFETY: takes no arguments; the process has no use for the console from here on.
        unsafe { FreeConsole() };
    }
}

/// Nothing to let go of: other systems make no console for a program.
#[cfg(not(windows))]
pub const fn release() {}
