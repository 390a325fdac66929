//! Made-up appearances of realistic size and texture.
//!
//! Real mods are neither zeros nor noise: zstd level 3 gains about 1.5–2 on block-compressed textures, 2.5–3 on models, 3–7 on
//! materials and nothing on sound. Content is made of 8-byte words, drawn fresh or from a small set of earlier ones; the share
//! of fresh words sets the gain (measured by this module's test).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::domain::FileType;

/// How much a made-up appearance holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Size {
    /// 40 files, 60 MiB.
    #[default]
    Light,
    /// 120 files, 220 MiB.
    Typical,
    /// 220 files, 500 MiB.
    Heavy,
    /// 10,000 files of 8 KiB.
    Small,
}

/// Some files of one type and size.
struct Batch {
    file_type: FileType,
    count: u32,
    bytes: u64,
}

const fn batch(file_type: FileType, count: u32, bytes: u64) -> Batch {
    Batch { file_type, count, bytes }
}

const KIB: u64 = 1 << 10;
/// A 4096 × 4096 texture with a byte a pixel and all its smaller copies.
const TEXTURE_4K: u64 = 22_369_600;
const TEXTURE_2K: u64 = 5_592_480;
const TEXTURE_1K: u64 = 1_398_200;
const TEXTURE_512: u64 = 349_600;

const LIGHT: &[Batch] = &[
    batch(FileType::Tex, 1, TEXTURE_4K),
    batch(FileType::Tex, 4, TEXTURE_2K),
    batch(FileType::Tex, 5, TEXTURE_1K),
    batch(FileType::Tex, 4, TEXTURE_512),
    batch(FileType::Mdl, 2, 2900 * KIB),
    batch(FileType::Mdl, 4, 420 * KIB),
    batch(FileType::Mtrl, 11, 3 * KIB),
    batch(FileType::Pap, 3, 380 * KIB),
    batch(FileType::Tmb, 2, 2 * KIB),
    batch(FileType::Avfx, 1, 60 * KIB),
    batch(FileType::Atex, 1, 85 * KIB),
    batch(FileType::Scd, 1, 1600 * KIB),
    batch(FileType::Sklb, 1, 40 * KIB),
];

const TYPICAL: &[Batch] = &[
    batch(FileType::Tex, 5, TEXTURE_4K),
    batch(FileType::Tex, 10, TEXTURE_2K),
    batch(FileType::Tex, 15, TEXTURE_1K),
    batch(FileType::Tex, 15, TEXTURE_512),
    batch(FileType::Mdl, 4, 3900 * KIB),
    batch(FileType::Mdl, 14, 480 * KIB),
    batch(FileType::Mtrl, 32, 3 * KIB),
    batch(FileType::Pap, 8, 500 * KIB),
    batch(FileType::Tmb, 6, 2 * KIB),
    batch(FileType::Avfx, 3, 100 * KIB),
    batch(FileType::Atex, 3, 700 * KIB),
    batch(FileType::Scd, 2, 3000 * KIB),
    batch(FileType::Sklb, 3, 60 * KIB),
];

const HEAVY: &[Batch] = &[
    batch(FileType::Tex, 16, TEXTURE_4K),
    batch(FileType::Tex, 16, TEXTURE_2K),
    batch(FileType::Tex, 12, TEXTURE_1K),
    batch(FileType::Tex, 20, TEXTURE_512),
    batch(FileType::Mdl, 6, 3900 * KIB),
    batch(FileType::Mdl, 24, 480 * KIB),
    batch(FileType::Mtrl, 88, 3 * KIB),
    batch(FileType::Pap, 14, 500 * KIB),
    batch(FileType::Tmb, 12, 2 * KIB),
    batch(FileType::Avfx, 4, 100 * KIB),
    batch(FileType::Atex, 4, 700 * KIB),
    batch(FileType::Scd, 1, 3000 * KIB),
    batch(FileType::Sklb, 3, 60 * KIB),
];

const SMALL: &[Batch] = &[batch(FileType::Mtrl, 10_000, 8 * KIB)];

impl Size {
    const fn batches(self) -> &'static [Batch] {
        match self {
            Self::Light => LIGHT,
            Self::Typical => TYPICAL,
            Self::Heavy => HEAVY,
            Self::Small => SMALL,
        }
    }
}

/// What lies in a folder after writing into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files.
    pub files: u32,
    /// Bytes.
    pub bytes: u64,
}

/// Fills `folder` with an appearance. The same seed gives the same bytes.
///
/// # Errors
/// The system's, if a file cannot be written.
pub fn fill(folder: &Path, size: Size, seed: u64) -> io::Result<Written> {
    fs::create_dir_all(folder.join("_texts"))?;
    fs::write(folder.join("_texts/glamourer.txt"), format!("R0xBTQ=={seed:x}"))?;
    write_batches(folder, size, seed, |_| true)
}

/// Adds large sounds, which do not compress, to `folder`, of this many bytes each, all of them at once.
///
/// # Errors
/// The system's, if a file cannot be written.
pub fn add_sounds(folder: &Path, count: u64, bytes: u64, seed: u64) -> io::Result<()> {
    let path = |index| folder.join(format!("sound/added_{index:03}.scd"));
    let made: Vec<_> =
        (0..count).map(|index| prepare(&path(index), FileType::Scd, bytes, seed + index)).collect::<io::Result<_>>()?;
    made.into_iter().zip(0..).try_for_each(|(fresh, index)| fs::rename(fresh, path(index)))
}

/// Gives the smaller half of the textures and all materials other content: another outfit.
///
/// # Errors
/// The system's, if a file cannot be written.
pub fn change_outfit(folder: &Path, size: Size, seed: u64) -> io::Result<Written> {
    let small_texture = |batch: &Batch| batch.file_type == FileType::Tex && batch.bytes <= TEXTURE_1K;
    write_batches(folder, size, seed, |batch| small_texture(batch) || batch.file_type == FileType::Mtrl)
}

/// Gives one of the largest textures and all materials other content: about a tenth of a typical look's bytes.
///
/// # Errors
/// The system's, if a file cannot be written.
pub fn change_tenth(folder: &Path, size: Size, seed: u64) -> io::Result<Written> {
    let mut written = write_batches(folder, size, seed, |batch| batch.file_type == FileType::Mtrl)?;
    if let Some((number, largest)) = size.batches().iter().enumerate().max_by_key(|(_, batch)| batch.bytes) {
        write(&place(folder, number, largest, 0), largest.file_type, largest.bytes, seed)?;
        written.files += 1;
        written.bytes += largest.bytes;
    }
    Ok(written)
}

fn place(folder: &Path, number: usize, batch: &Batch, index: u32) -> PathBuf {
    let extension = batch.file_type.extension();
    folder.join(format!("chara/equipment/e{number:04}/{extension}/c0101_{index:03}.{extension}"))
}

fn write_batches(folder: &Path, size: Size, seed: u64, chosen: impl Fn(&Batch) -> bool) -> io::Result<Written> {
    let mut written = Written::default();
    for (number, batch) in size.batches().iter().enumerate().filter(|(_, batch)| chosen(batch)) {
        for index in 0..batch.count {
            let path = place(folder, number, batch, index);
            write(&path, batch.file_type, batch.bytes, seed ^ (u64::from(index) << 32) ^ ((number as u64) << 48))?;
            written.files += 1;
            written.bytes += batch.bytes;
        }
    }
    Ok(written)
}

fn write(path: &Path, file_type: FileType, bytes: u64, seed: u64) -> io::Result<()> {
    fs::rename(prepare(path, file_type, bytes, seed)?, path)
}

/// Writes a new file beside the old one, to take its place as mod managers do it: what reads the old one goes on reading it.
fn prepare(path: &Path, file_type: FileType, bytes: u64, seed: u64) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("new");
    fs::write(&fresh, content(file_type, bytes, seed))?;
    Ok(fresh)
}

/// Fresh words in 256.
const fn freshness(file_type: FileType) -> u32 {
    match file_type {
        FileType::Tex | FileType::Atex => 116,
        FileType::Mdl | FileType::Avfx | FileType::Sklb | FileType::Phyb | FileType::Pbd => 58,
        FileType::Mtrl | FileType::Tmb | FileType::Eid | FileType::Skp | FileType::Imc | FileType::Shpk => 24,
        FileType::Pap => 80,
        FileType::Scd => 256,
    }
}

fn content(file_type: FileType, bytes: u64, seed: u64) -> Vec<u8> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let words: Vec<u64> = (0..64).map(|_| rng.next_u64()).collect();
    let fresh = freshness(file_type);
    let mut out = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default() + 8);
    while (out.len() as u64) < bytes {
        let choice = rng.next_u32();
        let old = words.get((choice >> 8) as usize % words.len()).copied();
        let word = if choice % 256 < fresh { rng.next_u64() } else { old.unwrap_or_default() };
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_real_appearances() {
        let sum = |size: Size| {
            size.batches().iter().fold((0, 0), |(n, b), batch| (n + batch.count, b + batch.bytes * u64::from(batch.count)))
        };
        let (files, bytes) = sum(Size::Light);
        assert_eq!((files, bytes >> 20), (40, 60));
        let (files, bytes) = sum(Size::Typical);
        assert_eq!(files, 120);
        assert!((210..=230).contains(&(bytes >> 20)), "{} MiB", bytes >> 20);
        let (files, bytes) = sum(Size::Heavy);
        assert_eq!(files, 220);
        assert!((490..=510).contains(&(bytes >> 20)), "{} MiB", bytes >> 20);
        assert_eq!(sum(Size::Small), (10_000, 10_000 * 8192));
    }

    #[test]
    fn content_compresses_like_the_real_thing() {
        for (file_type, least, most) in
            [(FileType::Tex, 1.5, 2.0), (FileType::Mdl, 2.5, 3.0), (FileType::Mtrl, 3.0, 7.0), (FileType::Scd, 0.99, 1.01)]
        {
            let content = content(file_type, 400_000, 7);
            let gain = content.len() as f64 / zstd::bulk::compress(&content, 3).unwrap().len() as f64;
            assert!((least..=most).contains(&gain), "{file_type:?}: {gain:.2}");
        }
    }

    #[test]
    fn a_changed_outfit_keeps_every_other_file() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), Size::Light, 1).unwrap();
        let model = folder.path().join("chara/equipment/e0004/mdl/c0101_000.mdl");
        let before = fs::metadata(&model).unwrap().modified().unwrap();
        let written = change_outfit(folder.path(), Size::Light, 2).unwrap();
        assert_eq!(written.files, 20);
        assert_eq!(fs::metadata(&model).unwrap().modified().unwrap(), before);
        let written = change_tenth(folder.path(), Size::Light, 3).unwrap();
        assert_eq!(written.files, 12);
        assert_eq!(fs::metadata(&model).unwrap().modified().unwrap(), before);
    }
}
