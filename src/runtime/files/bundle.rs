//! An identity with its friends and notes in one file, behind a passphrase, to be carried to another computer.
//!
//! The file: a line that names it and its version; 16 bytes of salt; 24 bytes of nonce; then `identity.ron` and `circle.ron` as JSON,
//! sealed with XChaCha20-Poly1305 under a key of Argon2id (RFC 9106, its second recommended choice: 64 MiB, 3 passes, 4 lanes). The line
//! is authenticated with the rest.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::write::{free_name, rename_durably};
use super::{Profile, ProfileError};
use crate::domain::Passphrase;
use crate::runtime::clock::entropy;

const MAGIC: &[u8] = b"FyteClub identity 1\n";
const SALT: usize = 16;
const NONCE: usize = 24;
/// A bundle's greatest length: a circle of thousands with long notes is far shorter.
const MOST: u64 = 16 << 20;
/// What waits in the profile for the next start.
const WAITING: &str = "import.json";

#[derive(Serialize, Deserialize)]
struct Content {
    identity: String,
    circle: Option<String>,
}

impl Profile {
    /// Writes this profile's identity, friends and notes into a file that is not there yet.
    ///
    /// # Errors
    /// One sentence.
    pub fn export_identity(&self, file: &Path, passphrase: &Passphrase) -> Result<(), String> {
        let cannot = |why: String| format!("the identity was not exported to {}: {why}", file.display());
        if !file.is_absolute() {
            return Err(cannot("give the file's whole path".to_owned()));
        }
        let identity = fs::read_to_string(self.identity()).map_err(|error| cannot(error.to_string()))?;
        let circle = match fs::read_to_string(self.circle()) {
            Ok(circle) => Some(circle),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(cannot(error.to_string())),
        };
        let sealed = seal(&Content { identity, circle }, passphrase).map_err(&cannot)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(file).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                cannot("a file of that name is there already; choose another name".to_owned())
            } else {
                cannot(error.to_string())
            }
        })?;
        let written = io::Write::write_all(&mut out, &sealed).and_then(|()| out.sync_all());
        written.map_err(|error| {
            // Half of an identity is none.
            let _ = fs::remove_file(file);
            cannot(error.to_string())
        })
    }

    /// Lays an exported identity ready for the next start.
    ///
    /// # Errors
    /// One sentence; then nothing has changed.
    pub fn import_identity(&self, file: &Path, passphrase: &Passphrase) -> Result<(), String> {
        let cannot = |why: String| format!("no identity was imported from {}: {why}", file.display());
        let mut sealed = Vec::new();
        let read = fs::File::open(file).and_then(|opened| opened.take(MOST + 1).read_to_end(&mut sealed));
        read.map_err(|error| cannot(error.to_string()))?;
        if sealed.len() as u64 > MOST {
            return Err(cannot("it is too large to be one".to_owned()));
        }
        let content = open(&sealed, passphrase).map_err(&cannot)?;
        self.check(&content).map_err(&cannot)?;
        let text = Zeroizing::new(serde_json::to_vec(&content).map_err(|error| cannot(error.to_string()))?);
        super::write_atomically(&self.waiting(), &text).map_err(|error| cannot(error.to_string()))
    }

    /// Puts an imported identity in the place of the present one, which is set aside. Whoever calls it holds the profile's lock.
    ///
    /// # Errors
    /// [`ProfileError`] if a file cannot be moved or written; the next start goes on with it.
    pub fn adopt_import(&self) -> Result<bool, ProfileError> {
        let waiting = self.waiting();
        let text = match fs::read(&waiting) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(ProfileError::io("cannot read", &waiting)(error)),
        };
        let Ok(content) = serde_json::from_slice::<Content>(&text) else {
            // Not what was laid there: it is left for the person to look at, and in nobody's way.
            let aside = free_name(&waiting.with_extension("broken"));
            rename_durably(&waiting, &aside).map_err(ProfileError::io("cannot set aside", &waiting))?;
            return Ok(false);
        };
        for (file, text) in [(self.identity(), Some(content.identity)), (self.circle(), content.circle)] {
            if file.exists() {
                let aside = free_name(&file.with_extension("before-import.ron"));
                rename_durably(&file, &aside).map_err(ProfileError::io("cannot set aside", &file))?;
            }
            if let Some(text) = text {
                super::write_atomically(&file, text.as_bytes())?;
            }
        }
        fs::remove_file(&waiting).map_err(ProfileError::io("cannot remove", &waiting))?;
        Ok(true)
    }

    /// Whether what came is an identity and a circle, of versions that are known here.
    fn check(&self, content: &Content) -> Result<(), String> {
        let folder = tempfile::Builder::new().prefix(".import-").tempdir_in(self.root()).map_err(|error| error.to_string())?;
        let trial = Self::at(folder.path());
        super::write_atomically(&trial.identity(), content.identity.as_bytes()).map_err(|error| error.to_string())?;
        trial.load_identity().map_err(|error| error.to_string())?;
        if let Some(circle) = &content.circle {
            super::write_atomically(&trial.circle(), circle.as_bytes()).map_err(|error| error.to_string())?;
            let loaded = trial.load_circle().map_err(|error| error.to_string())?;
            if !trial.circle().exists() {
                return Err(loaded.warnings.into_iter().next().unwrap_or_else(|| "its list of friends is broken".to_owned()));
            }
        }
        Ok(())
    }

    fn waiting(&self) -> PathBuf {
        self.root().join(WAITING)
    }
}

fn seal(content: &Content, passphrase: &Passphrase) -> Result<Vec<u8>, String> {
    let plain = Zeroizing::new(serde_json::to_vec(content).map_err(|error| error.to_string())?);
    let random = || entropy().map_err(|error| format!("there is no randomness ({error})"));
    let (salt, nonce) = (random()?, random()?);
    let (salt, nonce) = (salt.get(..SALT).unwrap_or_default(), nonce.get(..NONCE).unwrap_or_default());
    let cipher = cipher(passphrase, salt)?;
    let nonce_of = XNonce::try_from(nonce).map_err(|_| "no nonce".to_owned())?;
    let sealed =
        cipher.encrypt(&nonce_of, Payload { msg: &plain, aad: MAGIC }).map_err(|_| "it is too large to be sealed".to_owned())?;
    Ok([MAGIC, salt, nonce, &sealed].concat())
}

fn open(file: &[u8], passphrase: &Passphrase) -> Result<Content, String> {
    let rest = file.strip_prefix(MAGIC).ok_or_else(|| {
        if file.starts_with(b"FyteClub identity ") {
            "it was exported by a newer FyteClub: update FyteClub".to_owned()
        } else {
            "it is no exported identity".to_owned()
        }
    })?;
    let cut = || "it is cut off: copy it anew".to_owned();
    let (salt, rest) = rest.split_at_checked(SALT).ok_or_else(cut)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or_else(cut)?;
    let cipher = cipher(passphrase, salt)?;
    let nonce = XNonce::try_from(nonce).map_err(|_| cut())?;
    let plain = cipher.decrypt(&nonce, Payload { msg: sealed, aad: MAGIC });
    let plain = Zeroizing::new(plain.map_err(|_| "the passphrase is another, or the file is damaged".to_owned())?);
    serde_json::from_slice(&plain).map_err(|error| format!("its content is broken ({error})"))
}

fn cipher(passphrase: &Passphrase, salt: &[u8]) -> Result<XChaCha20Poly1305, String> {
    let params = Params::new(64 << 10, 3, 4, Some(32)).map_err(|error| error.to_string())?;
    let mut key = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.as_bytes(), salt, key.as_mut()).map_err(|error| error.to_string())?;
    XChaCha20Poly1305::new_from_slice(key.as_ref()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DisplayName;
    use crate::engine::state::{SavedCircle, SavedPeer};

    #[test]
    fn an_identity_travels_with_friends_and_the_one_before_is_set_aside() {
        let (from, to, folder) = (profile(), profile(), tempfile::tempdir().unwrap());
        let (me, before) = (from.1.load_identity().unwrap(), to.1.load_identity().unwrap());
        let friend = profile().1.load_identity().unwrap();
        let known = SavedPeer::friend(*friend.card(), DisplayName::new("Bea").unwrap());
        from.1.save_circle(&SavedCircle { peers: [(friend.peer(), known)].into(), ..SavedCircle::default() }).unwrap();
        let file = folder.path().join("me.fyteclub");
        from.1.export_identity(&file, &pass("correct horse")).unwrap();
        assert!(!fs::read(&file).unwrap().windows(4).any(|part| part == b"seed"));
        to.1.import_identity(&file, &pass("correct horse")).unwrap();
        assert_eq!(to.1.load_identity().unwrap().peer(), before.peer(), "not before the next start");
        assert!(to.1.adopt_import().unwrap());
        assert_eq!(to.1.load_identity().unwrap().peer(), me.peer());
        assert!(to.1.load_circle().unwrap().value.peers.contains_key(&friend.peer()));
        let aside: Vec<_> = fs::read_dir(to.1.root()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(aside.iter().any(|name| name.to_string_lossy().contains("before-import")), "{aside:?}");
        assert!(!to.1.adopt_import().unwrap(), "once");
    }

    #[test]
    fn an_import_that_was_interrupted_anywhere_goes_on_at_the_next_start() {
        let (from, folder) = (profile(), tempfile::tempdir().unwrap());
        let me = from.1.load_identity().unwrap();
        from.1.save_circle(&SavedCircle::default()).unwrap();
        let file = folder.path().join("me.fyteclub");
        from.1.export_identity(&file, &pass("correct horse")).unwrap();
        // Killed after the old identity was set aside; after the new one was written; after the old circle was set aside.
        for steps in 0..3 {
            let to = profile();
            to.1.load_identity().unwrap();
            to.1.save_circle(&SavedCircle::default()).unwrap();
            to.1.import_identity(&file, &pass("correct horse")).unwrap();
            fs::rename(to.1.identity(), to.1.root().join("identity.before-import.ron")).unwrap();
            if steps > 0 {
                fs::copy(from.1.identity(), to.1.identity()).unwrap();
            }
            if steps > 1 {
                fs::rename(to.1.circle(), to.1.root().join("circle.before-import.ron")).unwrap();
            }
            assert!(to.1.adopt_import().unwrap());
            assert_eq!(to.1.load_identity().unwrap().peer(), me.peer(), "{steps}");
            assert!(to.1.circle().exists() && to.1.root().join("identity.before-import.ron").exists(), "{steps}");
            assert!(!to.1.adopt_import().unwrap());
        }
    }

    #[test]
    fn what_lies_in_the_imports_place_and_is_none_is_set_aside() {
        let to = profile();
        let me = to.1.load_identity().unwrap();
        fs::write(to.1.waiting(), "{").unwrap();
        assert!(!to.1.adopt_import().unwrap());
        assert_eq!(to.1.load_identity().unwrap().peer(), me.peer());
        assert!(to.1.root().join("import.broken").exists());
    }

    #[test]
    fn a_wrong_passphrase_a_damaged_file_and_a_taken_name_say_so_and_change_nothing() {
        let (from, folder) = (profile(), tempfile::tempdir().unwrap());
        from.1.load_identity().unwrap();
        let file = folder.path().join("me.fyteclub");
        from.1.export_identity(&file, &pass("correct horse")).unwrap();
        assert!(from.1.export_identity(&file, &pass("correct horse")).unwrap_err().contains("choose another name"));
        assert!(from.1.import_identity(&file, &pass("another one")).unwrap_err().contains("the passphrase is another"));
        let whole = fs::read(&file).unwrap();
        for (length, says) in
            [(0, "no exported identity"), (25, "cut off"), (50, "cut off"), (whole.len() - 1, "or the file is damaged")]
        {
            fs::write(&file, &whole[..length]).unwrap();
            let error = from.1.import_identity(&file, &pass("correct horse")).unwrap_err();
            assert!(error.contains(says), "{length}: {error}");
        }
        fs::write(&file, b"FyteClub identity 2\n").unwrap();
        assert!(from.1.import_identity(&file, &pass("correct horse")).unwrap_err().contains("newer"));
        assert!(!from.1.adopt_import().unwrap());
    }

    fn profile() -> (tempfile::TempDir, Profile) {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path());
        (folder, profile)
    }

    fn pass(text: &str) -> Passphrase {
        Passphrase::new(text).unwrap()
    }
}
