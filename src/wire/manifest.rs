//! A manifest's canonical bytes, whose BLAKE3 is the [`AppearanceId`].
//!
//! CBOR in its deterministic encoding (RFC 8949 section 4.2.1: shortest lengths, stated lengths, keys ascending):
//!
//! ```text
//! manifest = { 0: 1 (the form), 1: [object, …] }               objects ascending by kind
//! object   = { 0: kind, 1: [file, …], 2: [text, …] }           files ascending by their paths, texts by name
//! file     = { 0: hash (32 bytes), 1: size, 2: [path, …] }     paths ascending; their common extension is the file's type
//! text     = { 0: name, 1: text }                              up to 64 KiB
//!          | { 0: name, 2: hash (32 bytes), 3: size }          a blob of its own
//! ```
//!
//! Unlike messages, a manifest holds no unknown keys: what its bytes are is what its name says, for everybody who passes it on. What a
//! later version adds gets a form of its own.
//!
//! Limits: [`MAX_MANIFEST`] bytes, [`MAX_MANIFEST_FILES`] files, [`MAX_MANIFEST_PATHS`] paths and those of [`Manifest`]; lists are
//! counted before anything is allocated for them. How heavy a look may be is for the receiver to decide, not for this module.

use std::collections::BTreeMap;

use minicbor::decode::Error as CborError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decoder, Encoder};

use super::{MAX_MANIFEST, WireError};
use crate::domain::{
    AppearanceId, BlobHash, BlobKind, BlobRef, FileEntry, GamePath, MAX_INLINE_TEXT, MAX_MANIFEST_FILES, MAX_MANIFEST_PATHS,
    MAX_TEXTS, Manifest, ObjectAppearance, ObjectKind, TextName, TextValue,
};

const WHAT: &str = "manifest";
const FORM: u64 = 1;

/// The canonical bytes and their name. Equal manifests give equal bytes.
///
/// A publisher refuses what comes out longer than [`MAX_MANIFEST`]: no receiver would read it.
#[must_use]
pub fn encode(manifest: &Manifest) -> (AppearanceId, Vec<u8>) {
    let mut encoder = Encoder::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = put_manifest(&mut encoder, manifest);
    let bytes = encoder.into_writer();
    (AppearanceId::of(&bytes), bytes)
}

/// Reads a manifest and checks that it is canonical and bears this name.
///
/// # Errors
/// [`WireError`] if the bytes are too long, malformed, not canonical, or of another hash.
pub fn decode(appearance: &AppearanceId, bytes: &[u8]) -> Result<Manifest, WireError> {
    WireError::check_length(WHAT, bytes, MAX_MANIFEST)?;
    if AppearanceId::of(bytes) != *appearance {
        return Err(WireError::NotAuthentic { what: WHAT });
    }
    let mut reader = Reader { decoder: Decoder::new(bytes), files: 0, paths: 0 };
    let objects = reader.objects().map_err(|error| WireError::malformed(WHAT, error))?;
    let manifest = Manifest::new(objects).map_err(|error| WireError::malformed(WHAT, error))?;
    if encode(&manifest).1 == bytes { Ok(manifest) } else { Err(WireError::malformed(WHAT, "it is not canonical")) }
}

fn put_manifest<W: Write>(e: &mut Encoder<W>, manifest: &Manifest) -> Result<(), EncodeError<W::Error>> {
    e.map(2)?.u8(0)?.u64(FORM)?.u8(1)?.array(manifest.objects().len() as u64)?;
    for object in manifest.objects() {
        e.map(3)?.u8(0)?.u8(object.kind.number())?;
        e.u8(1)?.array(object.files.len() as u64)?;
        object.files.iter().try_for_each(|file| put_file(e, file))?;
        e.u8(2)?.array(object.texts.len() as u64)?;
        object.texts.iter().try_for_each(|(name, text)| put_text(e, name, text))?;
    }
    Ok(())
}

fn put_file<W: Write>(e: &mut Encoder<W>, file: &FileEntry) -> Result<(), EncodeError<W::Error>> {
    e.map(3)?.u8(0)?.bytes(file.blob.hash.as_bytes())?.u8(1)?.u64(file.blob.size)?;
    e.u8(2)?.array(file.game_paths.len() as u64)?;
    for path in &file.game_paths {
        e.str(path.as_str())?;
    }
    Ok(())
}

fn put_text<W: Write>(e: &mut Encoder<W>, name: &TextName, text: &TextValue) -> Result<(), EncodeError<W::Error>> {
    match text {
        TextValue::Inline(text) => e.map(2)?.u8(0)?.str(name.as_str())?.u8(1)?.str(text)?,
        TextValue::Blob(blob) => {
            e.map(3)?.u8(0)?.str(name.as_str())?.u8(2)?.bytes(blob.hash.as_bytes())?.u8(3)?.u64(blob.size)?
        }
    };
    Ok(())
}

/// Reads the parts in their order and counts what could grow.
struct Reader<'b> {
    decoder: Decoder<'b>,
    files: usize,
    paths: usize,
}

impl Reader<'_> {
    fn objects(&mut self) -> Result<Vec<ObjectAppearance>, CborError> {
        self.map(2)?;
        self.key(0)?;
        if self.decoder.u64()? != FORM {
            return Err(CborError::message("its form is of a newer program"));
        }
        self.key(1)?;
        let count = self.list(ObjectKind::ALL.len(), "objects")?;
        (0..count).map(|_| self.object()).collect()
    }

    fn object(&mut self) -> Result<ObjectAppearance, CborError> {
        self.map(3)?;
        self.key(0)?;
        let kind = ObjectKind::from_number(self.decoder.u8()?).ok_or_else(|| CborError::message("no such kind of object"))?;
        self.key(1)?;
        let count = self.list(MAX_MANIFEST_FILES - self.files, "files")?;
        self.files += count;
        let files = (0..count).map(|_| self.file()).collect::<Result<_, _>>()?;
        self.key(2)?;
        let count = self.list(MAX_TEXTS, "texts")?;
        let mut texts = BTreeMap::new();
        for _ in 0..count {
            let (name, text) = self.text()?;
            texts.insert(name, text);
        }
        Ok(ObjectAppearance { kind, files, texts })
    }

    fn file(&mut self) -> Result<FileEntry, CborError> {
        self.map(3)?;
        let (hash, size) = self.blob(0)?;
        self.key(2)?;
        let count = self.list(MAX_MANIFEST_PATHS - self.paths, "game paths")?;
        self.paths += count;
        let game_paths = (0..count).map(|_| self.path()).collect::<Result<Vec<_>, _>>()?;
        let first = game_paths.first().ok_or_else(|| CborError::message("a file without a game path"))?;
        let kind = BlobKind::File(first.file_type());
        Ok(FileEntry { game_paths, blob: BlobRef { hash, size, kind } })
    }

    fn path(&mut self) -> Result<GamePath, CborError> {
        let text = self.decoder.str()?;
        GamePath::new(text).map_err(CborError::message)
    }

    fn text(&mut self) -> Result<(TextName, TextValue), CborError> {
        let fields = self.decoder.map()?;
        self.key(0)?;
        let name = TextName::new(self.decoder.str()?).map_err(CborError::message)?;
        let text = match fields {
            Some(2) => self.inline_text()?,
            Some(3) => {
                let (hash, size) = self.blob(2)?;
                TextValue::Blob(BlobRef { hash, size, kind: BlobKind::Text })
            }
            Some(_) | None => return Err(CborError::message("a text that is neither here nor a blob")),
        };
        Ok((name, text))
    }

    fn inline_text(&mut self) -> Result<TextValue, CborError> {
        self.key(1)?;
        let text = self.decoder.str()?;
        if text.len() > MAX_INLINE_TEXT {
            return Err(CborError::message("a text over 64 KiB that is not a blob"));
        }
        Ok(TextValue::Inline(text.to_owned()))
    }

    /// A hash under this key and a size under the next.
    fn blob(&mut self, key: u8) -> Result<(BlobHash, u64), CborError> {
        self.key(key)?;
        let hash = self.decoder.decode()?;
        self.key(key + 1)?;
        Ok((hash, self.decoder.u64()?))
    }

    fn map(&mut self, fields: u64) -> Result<(), CborError> {
        if self.decoder.map()? == Some(fields) { Ok(()) } else { Err(CborError::message("a map with other fields")) }
    }

    fn key(&mut self, expected: u8) -> Result<(), CborError> {
        if self.decoder.u8()? == expected { Ok(()) } else { Err(CborError::message("a key out of place")) }
    }

    /// How many follow, at most `limit`.
    fn list(&mut self, limit: usize, what: &str) -> Result<usize, CborError> {
        let count = self.decoder.array()?.ok_or_else(|| CborError::message("a list that does not say its length"))?;
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= limit)
            .ok_or_else(|| CborError::message(format!("{count} more {what} are too many")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::{damaged, hex};
    use super::*;

    #[test]
    fn a_manifest_byte_by_byte() {
        let (appearance, bytes) = encode(&example());
        let expected = hex(EXAMPLE);
        assert_eq!(bytes, expected);
        assert_eq!(appearance, AppearanceId::of(&expected));
        assert_eq!(decode(&appearance, &expected), Ok(example()));
    }

    #[test]
    fn an_empty_manifest_reads_back() {
        let (appearance, bytes) = encode(&Manifest::default());
        assert_eq!(bytes, hex("a2 00 01 01 80"));
        assert_eq!(decode(&appearance, &bytes), Ok(Manifest::default()));
    }

    #[test]
    fn another_manifests_bytes_are_refused() {
        let (_, bytes) = encode(&example());
        let other = AppearanceId::of(b"other");
        assert_eq!(decode(&other, &bytes), Err(WireError::NotAuthentic { what: WHAT }));
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        let file = |hash: &str, path: &str| format!("a3 00 5820 {} 01 01 02 81 {path}", hash.repeat(32));
        let (a, b) = ("65 612e746578", "65 622e746578");
        let player = |files: &str| format!("a2 00 01 01 81 a3 00 00 01 {files} 02 80");
        let good = player(&format!("82 {} {}", file("11", a), file("22", b)));
        assert!(decode_hex(&good).is_ok());
        for (why, bad) in [
            ("files out of order", player(&format!("82 {} {}", file("22", b), file("11", a)))),
            ("files that should be one", player(&format!("82 {} {}", file("11", a), file("11", b)))),
            ("a path twice", player(&format!("82 {} {}", file("11", a), file("22", a)))),
            ("a size in too many bytes", player(&format!("81 {}", file("11", a).replace("01 01 02", "01 1801 02")))),
            ("a list of no stated length", player(&format!("9f {} ff", file("11", a)))),
            ("a map of no stated length", good.replace("a2 00 01", "bf 00 01") + "ff"),
            ("a key that nobody knows", good.replace("a2 00 01", "a3 00 01") + "02 00"),
            ("objects out of order", "a2 00 01 01 82 a3 00 01 01 80 02 80 a3 00 00 01 80 02 80".to_owned()),
            ("an object twice", "a2 00 01 01 82 a3 00 00 01 80 02 80 a3 00 00 01 80 02 80".to_owned()),
            ("a path within a path", player(&format!("82 {} {}", file("11", a), file("22", "6b 612e7465782f622e746578")))),
            ("texts out of order", "a2 00 01 01 81 a3 00 00 01 80 02 82 a2 00 61 62 01 60 a2 00 61 61 01 60".to_owned()),
            ("a text twice", "a2 00 01 01 81 a3 00 00 01 80 02 82 a2 00 61 61 01 60 a2 00 61 61 01 60".to_owned()),
            ("a tail", good.clone() + "00"),
            ("a newer form", good.replace("a2 00 01", "a2 00 02")),
            ("an object of no kind", "a2 00 01 01 81 a3 00 04 01 80 02 80".to_owned()),
            (
                "a file without a path",
                player("81 a3 00 5820 1111111111111111111111111111111111111111111111111111111111111111 01 01 02 80"),
            ),
        ] {
            assert!(matches!(decode_hex(&bad), Err(WireError::Malformed { .. })), "{why}");
        }
    }

    #[test]
    fn paths_that_leave_the_game_are_refused() {
        for path in
            ["../x.tex", "c:\\x.tex", "\\\\host\\x.tex", "/x.tex", "a\0.tex", "x.exe", &format!("{}.tex", "a".repeat(257))]
        {
            let mut e = Encoder::new(Vec::new());
            e.map(2).unwrap().u8(0).unwrap().u64(FORM).unwrap().u8(1).unwrap().array(1).unwrap();
            e.map(3).unwrap().u8(0).unwrap().u8(0).unwrap().u8(1).unwrap().array(1).unwrap();
            e.map(3).unwrap().u8(0).unwrap().bytes(&[1; 32]).unwrap().u8(1).unwrap().u64(1).unwrap();
            e.u8(2).unwrap().array(1).unwrap().str(path).unwrap();
            e.u8(2).unwrap().array(0).unwrap();
            let bytes = e.into_writer();
            assert!(matches!(decode(&AppearanceId::of(&bytes), &bytes), Err(WireError::Malformed { .. })), "{path}");
        }
    }

    #[test]
    fn lists_are_counted_before_they_are_read() {
        for (why, bad) in [
            ("files", "a2 00 01 01 81 a3 00 00 01 1a 00004001"),
            ("endless files", "a2 00 01 01 81 a3 00 00 01 9b ffffffffffffffff"),
            ("objects", "a2 00 01 01 85"),
            ("texts", "a2 00 01 01 81 a3 00 00 01 80 02 9841"),
            (
                "paths",
                "a2 00 01 01 81 a3 00 00 01 81 a3 00 5820 1111111111111111111111111111111111111111111111111111111111111111 01 01 02 9a 00010001",
            ),
        ] {
            let error = decode_hex(&bad.replace("1a 00004001", "9a 00004001")).unwrap_err();
            assert!(error.to_string().contains("too many"), "{why}: {error}");
        }
    }

    #[test]
    fn the_greatest_number_of_files_fits_and_one_more_does_not() {
        let (appearance, bytes) = encode(&numbered(MAX_MANIFEST_FILES).unwrap());
        assert!(decode(&appearance, &bytes).is_ok_and(|manifest| manifest.blobs().len() == MAX_MANIFEST_FILES));
        assert!(numbered(MAX_MANIFEST_FILES + 1).is_err());
    }

    #[test]
    fn too_many_bytes_are_refused_whatever_they_are() {
        let bytes = vec![0; MAX_MANIFEST + 1];
        assert!(matches!(decode(&AppearanceId::of(&bytes), &bytes), Err(WireError::TooLong { limit: MAX_MANIFEST, .. })));
    }

    #[test]
    fn a_long_text_in_the_manifest_is_refused() {
        let text = |length| {
            let mut e = Encoder::new(hex("a2 00 01 01 81 a3 00 00 01 80 02 81 a2 00 61 61 01"));
            e.str(&"x".repeat(length)).unwrap();
            let bytes = e.into_writer();
            decode(&AppearanceId::of(&bytes), &bytes)
        };
        assert!(text(MAX_INLINE_TEXT).is_ok());
        assert!(text(MAX_INLINE_TEXT + 1).is_err());
    }

    proptest! {
        #[test]
        fn every_manifest_reads_back(manifest in manifest()) {
            let (appearance, bytes) = encode(&manifest);
            prop_assert_eq!(decode(&appearance, &bytes), Ok(manifest));
        }

        #[test]
        fn the_order_in_which_files_are_given_changes_no_byte(manifest in manifest(), seed: u64) {
            let mut objects = manifest.objects().to_vec();
            let turn = seed as usize % objects.len().max(1);
            objects.rotate_left(turn);
            for object in &mut objects {
                let turn = seed as usize % object.files.len().max(1);
                object.files.rotate_left(turn);
                object.files.iter_mut().for_each(|file| file.game_paths.reverse());
            }
            prop_assert_eq!(encode(&Manifest::new(objects).unwrap()), encode(&manifest));
        }

        #[test]
        fn garbage_never_panics(bytes in vec(any::<u8>(), 0..200)) {
            prop_assert!(decode(&AppearanceId::of(&bytes), &bytes).is_err() || bytes.len() >= 5);
        }

        #[test]
        fn no_two_bytes_strings_mean_one_manifest(bytes in damaged(manifest().prop_map(|manifest| encode(&manifest).1))) {
            let name = AppearanceId::of(&bytes);
            if let Ok(manifest) = decode(&name, &bytes) {
                prop_assert_eq!(encode(&manifest), (name, bytes));
            }
        }
    }

    const EXAMPLE: &str = "
        a2                             // manifest, two fields
          00 01                        // form 1
          01 82                        // two objects
            a3                         // object, three fields
              00 00                    // kind: player
              01 81                    // one file
                a3                     // file, three fields
                  00 5820              // hash, 32 bytes
                    1111111111111111111111111111111111111111111111111111111111111111
                  01 1a 00155555       // size: 1398101
                  02 82                // two game paths
                    65 612e746578      // a.tex
                    67 622f632e746578  // b/c.tex
              02 82                    // two texts
                a2                     // text, here
                  00 69 676c616d6f75726572 // name: glamourer
                  01 63 e381af         // は
                a3                     // text, a blob
                  00 64 6d657461       // name: meta
                  02 5820              // hash, 32 bytes
                    2222222222222222222222222222222222222222222222222222222222222222
                  03 1a 00010001       // size: 65537
            a3                         // object, three fields
              00 02                    // kind: pet
              01 80                    // no files
              02 80                    // no texts
    ";

    fn example() -> Manifest {
        let path = |path| GamePath::new(path).unwrap();
        let blob = |byte, size, kind| BlobRef { hash: BlobHash::from_bytes([byte; 32]), size, kind };
        let tex = FileEntry {
            game_paths: vec![path("a.tex"), path("b/c.tex")],
            blob: blob(0x11, 1_398_101, BlobKind::File(crate::domain::FileType::Tex)),
        };
        let text = |name| TextName::new(name).unwrap();
        let texts = BTreeMap::from([
            (text("glamourer"), TextValue::Inline("は".to_owned())),
            (text("meta"), TextValue::Blob(blob(0x22, 65_537, BlobKind::Text))),
        ]);
        Manifest::new(vec![
            ObjectAppearance { kind: ObjectKind::Pet, files: vec![], texts: BTreeMap::new() },
            ObjectAppearance { kind: ObjectKind::Player, files: vec![tex], texts },
        ])
        .unwrap()
    }

    fn decode_hex(text: &str) -> Result<Manifest, WireError> {
        let bytes = hex(text);
        decode(&AppearanceId::of(&bytes), &bytes)
    }

    fn file(number: usize, paths: usize) -> FileEntry {
        let game_paths: Vec<_> = (0..paths).map(|path| GamePath::new(&format!("f{number}/{path}.tex")).unwrap()).collect();
        let kind = BlobKind::File(crate::domain::FileType::Tex);
        FileEntry { game_paths, blob: BlobRef { hash: BlobHash::of(&number.to_be_bytes()), size: number as u64, kind } }
    }

    fn numbered(count: usize) -> Result<Manifest, crate::domain::ManifestError> {
        let files = (0..count).map(|number| file(number, 1)).collect();
        Manifest::new(vec![ObjectAppearance { kind: ObjectKind::Player, files, texts: BTreeMap::new() }])
    }

    fn manifest() -> impl Strategy<Value = Manifest> {
        let files = vec((0..40_usize, 1..4_usize), 0..8);
        let texts = proptest::collection::btree_map("[a-z_]{1,8}", ".{0,40}", 0..4);
        vec((files, texts), 0..=4).prop_map(|objects| {
            let objects = objects.into_iter().zip(ObjectKind::ALL).map(|((files, texts), kind)| ObjectAppearance {
                kind,
                files: files.into_iter().map(|(number, paths)| file(number, paths)).collect(),
                texts: texts.into_iter().map(|(name, text)| (TextName::new(&name).unwrap(), TextValue::Inline(text))).collect(),
            });
            Manifest::new(objects.collect()).unwrap()
        })
    }
}
