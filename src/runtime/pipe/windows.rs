//! The pipe on Windows: a named pipe that only this user may open, and whose owner clients check.
//!
//! The one module of the pipe with unsafe code: asking Windows who this user is and whose a pipe is has no safe wrapper
//! among the crates in use.
#![allow(unsafe_code)]

use std::io::{Error, ErrorKind};
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName};
use interprocess::os::windows::local_socket::ListenerOptionsExt;
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use widestring::{U16CStr, U16CString};
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{ConvertSidToStringSidW, GetSecurityInfo, SE_KERNEL_OBJECT};
use windows_sys::Win32::Security::{GetTokenInformation, OWNER_SECURITY_INFORMATION, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::PipeError;

/// `ERROR_FILE_NOT_FOUND`: no pipe has this name.
const NOT_FOUND: i32 = 2;
/// `ERROR_ACCESS_DENIED`: the name is taken (we only ever make the first instance), or its owner keeps us out.
const ACCESS_DENIED: i32 = 5;
/// A `TOKEN_USER` with the longest SID there is (68 bytes) behind it, rounded up.
const TOKEN_USER_WORDS: usize = 16;

/// This user's SID, as text.
pub(super) fn user() -> Result<String, PipeError> {
    own_sid().map_err(|error| PipeError::io("Failed to ask Windows who this user is", error))
}

/// The pipe of this name.
#[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
pub(super) fn place(name: &str) -> Result<String, PipeError> {
    Ok(format!(r"\\.\pipe\{name}"))
}

/// Listens at `path` as its first instance, for this user and for no client on another machine.
pub(super) async fn listen(path: &str) -> Result<Listener, PipeError> {
    let failed = |error: Error| PipeError::io(format!("Failed to open the pipe {path}"), error);
    let name = path.to_fs_name::<GenericFilePath>().map_err(failed)?;
    let descriptor = descriptor(&user()?).map_err(failed)?;
    match ListenerOptions::new().name(name).security_descriptor(descriptor).create_tokio() {
        Err(error) if error.raw_os_error() == Some(ACCESS_DENIED) => Err(who_holds(path).await),
        result => result.map_err(failed),
    }
}

/// Connects to the companion at `path`. `NotRunning` if nobody listens there.
pub(super) async fn connect(path: &str) -> Result<Stream, PipeError> {
    let name = path.to_fs_name::<GenericFilePath>().map_err(|error| PipeError::io(path, error))?;
    match Stream::connect(name).await {
        Ok(stream) => check_peer(&stream, path).map(|()| stream),
        Err(error) if error.raw_os_error() == Some(NOT_FOUND) => Err(PipeError::NotRunning),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(PipeError::ForeignOwner(path.to_owned())),
        Err(error) => Err(PipeError::io(format!("Failed to open the pipe {path}"), error)),
    }
}

/// Whether the pipe belongs to this user. Since nobody else may open a pipe of ours, this also holds for its clients.
pub(super) fn check_peer(stream: &Stream, path: &str) -> Result<(), PipeError> {
    let Stream::NamedPipe(pipe) = stream;
    let owner = owner(pipe.as_handle()).map_err(|error| PipeError::io("Failed to ask Windows whose the pipe is", error))?;
    if owner == user()? { Ok(()) } else { Err(PipeError::ForeignOwner(path.to_owned())) }
}

/// Why a name could not be had: a companion of ours has it, or a stranger.
async fn who_holds(path: &str) -> PipeError {
    match connect(path).await {
        Ok(_) => PipeError::AlreadyServed,
        Err(PipeError::NotRunning) => {
            PipeError::io(format!("Failed to open the pipe {path}"), "it was taken and left: try again")
        }
        Err(error) => error,
    }
}

/// Owner and only reader and writer: this user. `P` keeps inherited entries out. It names no group: the copy that
/// `interprocess` takes of a descriptor would put the group in the owner's place.
fn descriptor(sid: &str) -> Result<SecurityDescriptor, Error> {
    let text = U16CString::from_str(format!("O:{sid}D:P(A;;GA;;;{sid})")).map_err(Error::other)?;
    SecurityDescriptor::deserialize(&text)
}

fn own_sid() -> Result<String, Error> {
    let mut token = ptr::null_mut();
    // SAFETY: the pseudo handle of this process is always valid, and `token` is a place for a handle.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) } == 0 {
        return Err(Error::last_os_error());
    }
    // SAFETY: the call above succeeded, so this is an open handle that nobody else closes.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // Words, so that the structure at its start is aligned.
    let mut user = [0_u64; TOKEN_USER_WORDS];
    let (length, mut used) = (size_of_val(&user) as u32, 0);
    // SAFETY: the handle is open, and `user` has `length` bytes to be written.
    let done = unsafe { GetTokenInformation(token.as_raw_handle(), TokenUser, user.as_mut_ptr().cast(), length, &mut used) };
    if done == 0 {
        return Err(Error::last_os_error());
    }
    // SAFETY: the call above succeeded, so `user` begins with a `TOKEN_USER`, aligned, whose SID lies behind it in `user`.
    unsafe { sid_text((*user.as_ptr().cast::<TOKEN_USER>()).User.Sid) }
}

fn owner(handle: BorrowedHandle<'_>) -> Result<String, Error> {
    let (mut owner, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
    let (group, dacl, sacl) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let kind = SE_KERNEL_OBJECT;
    // SAFETY: the handle is open while borrowed; the two places are ours, and what is not asked for may be null.
    let failure = unsafe {
        GetSecurityInfo(handle.as_raw_handle(), kind, OWNER_SECURITY_INFORMATION, &mut owner, group, dacl, sacl, &mut descriptor)
    };
    if failure != 0 {
        return Err(Error::from_raw_os_error(failure.cast_signed()));
    }
    // SAFETY: the call above succeeded, so `owner` is a SID within `descriptor`, which lives until it is freed below.
    let text = unsafe { sid_text(owner) };
    // SAFETY: the descriptor was allocated for us, to be freed just so, and nothing points into it any more.
    unsafe { LocalFree(descriptor) };
    text
}

/// # Safety
/// `sid` must point to a valid SID.
unsafe fn sid_text(sid: PSID) -> Result<String, Error> {
    let mut text = ptr::null_mut();
    // SAFETY: the caller vouches for the SID, and `text` is a place for a pointer.
    if unsafe { ConvertSidToStringSidW(sid, &mut text) } == 0 {
        return Err(Error::last_os_error());
    }
    // SAFETY: the call above succeeded, so `text` is a string that ends in NUL; it is copied before it is freed.
    let copy = unsafe { U16CStr::from_ptr_str(text) }.to_string_lossy();
    // SAFETY: the string was allocated for us, to be freed just so, and is used no more.
    unsafe { LocalFree(text.cast()) };
    Ok(copy)
}
