//! The profile's files: what is read, what is written, and what is left alone.

use super::*;
use crate::domain::DisplayName;

#[test]
fn the_identity_is_made_once_and_stays() {
    let (_folder, profile) = profile();
    let first = profile.load_identity().unwrap();
    assert_eq!(profile.load_identity().unwrap().peer(), first.peer());
}

#[cfg(unix)]
#[test]
fn secret_files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, profile) = profile();
    profile.load_identity().unwrap();
    let mode = fs::metadata(profile.identity()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_broken_identity_is_an_error_and_is_left_as_it_is() {
    let (_folder, profile) = profile();
    fs::write(profile.identity(), "(version: 1, of: (seed: \"short\"))").unwrap();
    assert!(matches!(profile.load_identity(), Err(ProfileError::Identity { .. })));
    assert!(fs::read_to_string(profile.identity()).unwrap().contains("short"));
}

#[test]
fn settings_read_back_and_every_one_has_its_comment() {
    let (_folder, profile) = profile();
    let settings = Settings { name: DisplayName::new("Aria").ok(), port: 7, ..Settings::default() };
    profile.save_settings(&settings).unwrap();
    let loaded = profile.load_settings().unwrap();
    assert_eq!((loaded.value, loaded.warnings), (settings, vec![]));
    let text = fs::read_to_string(settings_of(&profile)).unwrap();
    for (name, comment) in COMMENTS {
        assert!(text.contains(&format!("// {comment}\n        {name}:")), "{name} in\n{text}");
    }
    let fields = text
        .lines()
        .filter(|line| line.starts_with("        ") && !line.starts_with("         ") && !line.trim().starts_with("//"));
    assert_eq!(fields.filter(|line| line.contains(':')).count(), COMMENTS.len());
}

#[test]
fn settings_that_a_person_wrote_are_not_written_over() {
    let (_folder, profile) = profile();
    profile.write_missing_settings(&Settings::default()).unwrap();
    assert!(settings_of(&profile).exists());
    fs::write(settings_of(&profile), "(version: 1, of: ()) // mine").unwrap();
    profile.write_missing_settings(&Settings::default()).unwrap();
    assert!(fs::read_to_string(settings_of(&profile)).unwrap().ends_with("// mine"));
}

#[cfg(unix)]
#[test]
fn a_new_profile_is_closed_to_other_users() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _) = profile();
    let profile = Profile::at(folder.path().join("new").join("profile"));
    let _lock = profile.lock().unwrap();
    assert_eq!(fs::metadata(profile.root()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_profile_is_used_by_one_companion_at_a_time() {
    let (_folder, profile) = profile();
    let held = profile.lock().unwrap();
    assert!(matches!(profile.lock(), Err(ProfileError::InUse)));
    drop(held);
    assert!(profile.lock().is_ok());
}

#[test]
fn a_broken_file_is_set_aside_and_the_sentence_says_where_it_lies_and_what_holds() {
    let (_folder, profile) = profile();
    for expected in ["circle.ron.broken-1", "circle.ron.broken-2"] {
        fs::write(profile.root().join("circle.ron"), "nonsense").unwrap();
        let loaded = profile.load_circle().unwrap();
        assert_eq!(loaded.value, SavedCircle::default());
        let text = loaded.warnings.first().unwrap();
        assert!(text.contains(expected) && text.contains("no friends"), "{text}");
        assert_eq!(fs::read_to_string(profile.root().join(expected)).unwrap(), "nonsense");
    }
}

#[test]
fn whatever_is_wrong_with_a_file_its_bytes_are_kept() {
    let (_folder, profile) = profile();
    let long = vec![b' '; (16 << 20) + 1];
    let broken: [&[u8]; 8] = [
        b"",
        b"\xff\xfe",
        b"(version: 2, of: (port: 70000))",
        b"(version: 2, of: (port: 5",
        b"(version: 0, of: ())",
        b"(version: x, of: ())",
        b"(of: ())",
        &long,
    ];
    for (n, bytes) in broken.into_iter().enumerate() {
        fs::write(settings_of(&profile), bytes).unwrap();
        let loaded = profile.load_settings().unwrap();
        assert_eq!((loaded.value, loaded.warnings.len()), (Settings::default(), 1), "case {n}");
        assert!(fs::read(profile.root().join(format!("settings.ron.broken-{}", n + 1))).unwrap() == bytes, "case {n}");
        assert!(!settings_of(&profile).exists());
    }
}

#[test]
fn a_file_that_breaks_while_the_program_runs_is_set_aside_before_it_is_saved_over() {
    let (_folder, profile) = profile();
    fs::write(settings_of(&profile), "edited by hand, badly").unwrap();
    let sentences = profile.save_settings(&Settings { port: 7, ..Settings::default() }).unwrap();
    assert!(sentences.first().unwrap().contains("settings.ron.broken-1"), "{sentences:?}");
    assert_eq!(fs::read_to_string(profile.root().join("settings.ron.broken-1")).unwrap(), "edited by hand, badly");
    assert_eq!(profile.load_settings().unwrap().value.port, 7);
}

#[test]
fn a_file_of_a_newer_version_ends_the_start_and_is_never_touched() {
    let (_folder, profile) = profile();
    let newer = "(version: 99, of: (friends: [everybody]))";
    for name in ["circle.ron", "settings.ron"] {
        fs::write(profile.root().join(name), newer).unwrap();
    }
    let Err(error) = profile.load_circle() else { panic!("it was read") };
    assert!(error.to_string().contains("version 99") && error.to_string().contains("update FyteClub"), "{error}");
    assert!(matches!(profile.load_settings(), Err(ProfileError::Newer { version: 99, .. })));
    assert!(matches!(profile.save_circle(&SavedCircle::default()), Err(ProfileError::Newer { .. })));
    assert!(profile.save_settings(&Settings::default()).is_err());
    for name in ["circle.ron", "settings.ron"] {
        assert_eq!(fs::read_to_string(profile.root().join(name)).unwrap(), newer);
    }
    assert_eq!(fs::read_dir(profile.root()).unwrap().count(), 2);
}

#[test]
fn what_cannot_be_read_ends_the_start_and_is_not_taken_for_nothing() {
    let (_folder, profile) = profile();
    fs::create_dir(profile.root().join("circle.ron")).unwrap();
    assert!(matches!(profile.load_circle(), Err(ProfileError::Io { .. })));
    assert!(profile.save_circle(&SavedCircle::default()).is_err());
}

#[test]
fn unknown_keys_are_named_and_kept_when_something_else_is_saved() {
    let (_folder, profile) = profile();
    let text = r#"(version: 2, of: (port: 5, limits: (files: 9, new_limit: Some((1, "a, b: c"))), later: named(["x"]), more: {"a": 1}))"#;
    fs::write(settings_of(&profile), text).unwrap();
    let loaded = profile.load_settings().unwrap();
    let warning = loaded.warnings.first().unwrap();
    assert!(warning.ends_with(": limits.new_limit, later, more."), "{warning}");
    for port in [6, 7] {
        profile.save_settings(&Settings { port, ..loaded.value.clone() }).unwrap();
        let saved = fs::read_to_string(settings_of(&profile)).unwrap();
        for kept in [r#"new_limit: Some((1, "a, b: c"))"#, r#"later: named(["x"])"#, "\"a\": 1", "// The heaviest"] {
            assert!(saved.contains(kept), "{kept} in {saved}");
        }
        let again = profile.load_settings().unwrap();
        assert_eq!((again.value.port, again.value.limits.files, again.warnings.len()), (port, 9, 1));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_to_keeps_the_old_file_and_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, profile) = profile();
    let original = include_str!("migrations/recorded/circle-1.ron");
    fs::write(profile.root().join("circle.ron"), original).unwrap();
    fs::set_permissions(profile.root(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(profile.root().join("probe"), "").is_ok() {
        // Whoever runs this may write everywhere: the kill tests cover what failing writes do.
        return fs::set_permissions(profile.root(), fs::Permissions::from_mode(0o700)).unwrap();
    }
    let loaded = profile.load_circle().unwrap();
    assert!(loaded.warnings.first().unwrap().contains("could not be written"), "{:?}", loaded.warnings);
    assert_eq!(loaded.value.peers.len(), 3);
    assert_eq!(fs::read_to_string(profile.root().join("circle.ron")).unwrap(), original);
    assert!(profile.save_circle(&loaded.value).is_err());
    fs::set_permissions(profile.root(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(profile.save_circle(&loaded.value).is_ok());
}

fn settings_of(profile: &Profile) -> PathBuf {
    profile.root().join("settings.ron")
}

fn profile() -> (tempfile::TempDir, Profile) {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    (folder, profile)
}
