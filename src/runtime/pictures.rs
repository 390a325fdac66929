//! Pictures of people: made small from a file, and made anew from what a friend sent.
//!
//! A picture that somebody chose may be any PNG or JPEG of up to 1 MiB and 4,096 × 4,096 points; what is shared is a PNG of 128 × 128 at
//! most. What comes from a friend is a PNG of 256 × 256 at most; it is decoded and encoded anew, so that only its points are kept, and
//! made smaller where it would take more room than it took on the way.
//! Both decoders check the size that a picture says before they make room for it, and no decoder gets more room than it may need.
//!
//! Kept pictures lie in the profile's `pictures/`: mine as `me.png`, a friend's as `ID-HASH.png`. What lies there beside those that the
//! circle lists is removed at the start.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Cursor, Read as _};
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

use super::files::{ProfileError, make_private_folder, write_atomically};
use crate::domain::{BlobHash, MAX_PICTURE, PeerId, Picture};

/// The longest file that a person may choose.
const MAX_FILE: u64 = 1 << 20;
/// Its greatest width and height.
const MAX_CHOSEN_SIDE: u32 = 4_096;
/// Room for its points: 4,096 × 4,096 of four bytes, and what the decoder itself needs.
const CHOSEN_ROOM: u64 = 80 << 20;
/// The sides that are tried until the picture is short enough; the last one always is: 64 × 64 points have 16 KiB.
const SHARED_SIDES: [u32; 3] = [128, 96, 64];
/// The greatest width and height of what a friend may send: room for a later version to share more.
const MAX_SENT_SIDE: u32 = 256;
/// Room for its points, sixteen bits each, and what the decoder itself needs.
const SENT_ROOM: u64 = 1 << 20;
/// My own picture's name.
const MINE: &str = "me.png";

/// The folder of pictures.
#[derive(Clone, Debug)]
pub struct Pictures {
    folder: PathBuf,
}

/// A square picture, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Points on a side.
    pub side: usize,
    /// Four bytes for each point, row by row: red, green, blue, opacity.
    pub rgba: Vec<u8>,
}

impl Pictures {
    /// In this folder, which need not exist.
    pub(super) const fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where mine lies, if I have one.
    #[must_use]
    pub fn mine(&self) -> PathBuf {
        self.folder.join(MINE)
    }

    /// Where a friend's picture lies, if it is kept.
    #[must_use]
    pub fn of(&self, peer: &PeerId, picture: &BlobHash) -> PathBuf {
        self.folder.join(name_of(peer, picture))
    }

    /// A picture's points as the window draws them; mine for `None`. An error is a sentence's end.
    ///
    /// # Errors
    /// If it cannot be read, or is broken.
    pub fn pixels(&self, whose: Option<&PeerId>, picture: &BlobHash) -> Result<Pixels, String> {
        let file = whose.map_or_else(|| self.mine(), |peer| self.of(peer, picture));
        let bytes = read_bounded(&file, MAX_PICTURE as u64).map_err(|error| error.to_string())?;
        let decoded = decode(&bytes, ImageFormat::Png, MAX_SENT_SIDE, SENT_ROOM)?;
        let side = SHARED_SIDES[0];
        let square = decoded.resize_to_fill(side, side, FilterType::CatmullRom).into_rgba8();
        Ok(Pixels { side: side as usize, rgba: square.into_raw() })
    }

    /// My picture, and which of the listed ones are here; everything else in the folder is removed. The sentences are for the person.
    pub(super) fn load(&self, listed: &mut BTreeMap<PeerId, BlobHash>) -> (Option<Picture>, Vec<String>) {
        listed.retain(|peer, picture| self.of(peer, picture).is_file());
        let wanted: Vec<String> = listed.iter().map(|(peer, picture)| name_of(peer, picture)).collect();
        self.remove(|name| name != MINE && !wanted.iter().any(|wanted| wanted == name));
        match self.load_mine() {
            Ok(mine) => (mine, Vec::new()),
            Err(reason) => {
                let text = format!("Your picture in {} cannot be used ({reason}): choose one again.", self.mine().display());
                (None, vec![text])
            }
        }
    }

    /// Keeps my picture, or none.
    pub(super) fn save_mine(&self, picture: Option<&Picture>) -> Result<(), ProfileError> {
        match picture {
            Some(picture) => {
                make_private_folder(&self.folder).map_err(ProfileError::io("cannot make", &self.folder))?;
                write_atomically(&self.mine(), picture.bytes())
            }
            None => match fs::remove_file(self.mine()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(ProfileError::io("cannot remove", &self.mine())(error))
                }
                Ok(()) | Err(_) => Ok(()),
            },
        }
    }

    /// Makes a friend's picture anew and keeps it in the place of an older one. An error is a sentence's end.
    pub(super) fn keep(&self, peer: &PeerId, picture: &Picture) -> Result<(), String> {
        let anew = remake(picture.bytes())?;
        make_private_folder(&self.folder).map_err(|error| format!("it cannot be kept ({error})"))?;
        let name = name_of(peer, &picture.id());
        write_atomically(&self.folder.join(&name), anew.bytes()).map_err(|error| format!("it cannot be kept ({error})"))?;
        self.remove(|other| is_of(other, peer) && other != name);
        Ok(())
    }

    /// Removes a friend's picture.
    pub(super) fn forget(&self, peer: &PeerId, picture: &BlobHash) {
        // What stays is removed at the next start.
        let _ = fs::remove_file(self.of(peer, picture));
    }

    fn load_mine(&self) -> Result<Option<Picture>, String> {
        let bytes = match read_bounded(&self.mine(), MAX_PICTURE as u64) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        remake(&bytes)?;
        Picture::new(bytes).map(Some).ok_or_else(|| "it is too long".to_owned())
    }

    fn remove(&self, which: impl Fn(&str) -> bool) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().to_str().is_some_and(&which)) {
            // What stays is removed at the next start.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes the picture to be shared from a file that the person chose. An error is one sentence.
pub(super) fn prepare(file: &Path) -> Result<Picture, String> {
    let cannot = |why: &str| format!("{} cannot be your picture: {why}", file.display());
    if !file.is_absolute() {
        return Err(cannot("give its whole path"));
    }
    let is_file = fs::metadata(file).map_err(|error| cannot(&error.to_string()))?.is_file();
    if !is_file {
        return Err(cannot("it is no file"));
    }
    let bytes = read_bounded(file, MAX_FILE).map_err(|error| cannot(&error.to_string()))?;
    shrink(&bytes).map_err(|why| cannot(&why))
}

fn shrink(bytes: &[u8]) -> Result<Picture, String> {
    let format = image::guess_format(bytes).map_err(|_| "it is neither PNG nor JPEG".to_owned())?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg) {
        return Err("it is neither PNG nor JPEG".to_owned());
    }
    let picture = decode(bytes, format, MAX_CHOSEN_SIDE, CHOSEN_ROOM)?;
    smallest_needed(&picture)
}

/// A square of the largest side that is short enough.
fn smallest_needed(picture: &DynamicImage) -> Result<Picture, String> {
    for side in SHARED_SIDES {
        let square = picture.resize_to_fill(side, side, FilterType::CatmullRom);
        if let Some(picture) = Picture::new(encode(&square)?) {
            return Ok(picture);
        }
    }
    Err("it cannot be made small enough".to_owned())
}

/// Decodes what a friend sent, or what was kept, and encodes it anew.
///
/// # Errors
/// A sentence's end: what is wrong with it.
pub fn remake(bytes: &[u8]) -> Result<Picture, String> {
    remake_as(bytes, ImageFormat::Png)
}

/// As [`remake`], from a JPEG: for the tests that try to break the other decoder.
///
/// # Errors
/// A sentence's end: what is wrong with it.
pub fn remake_jpeg(bytes: &[u8]) -> Result<Picture, String> {
    remake_as(bytes, ImageFormat::Jpeg)
}

fn remake_as(bytes: &[u8], format: ImageFormat) -> Result<Picture, String> {
    let picture = decode(bytes, format, MAX_SENT_SIDE, SENT_ROOM)?;
    Picture::new(encode(&picture)?).map_or_else(|| smallest_needed(&picture), Ok)
}

fn decode(bytes: &[u8], format: ImageFormat, side: u32, room: u64) -> Result<DynamicImage, String> {
    let broken = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => format!("it is larger than {side} × {side} points, or needs too much memory"),
        error @ (image::ImageError::Decoding(_)
        | image::ImageError::Encoding(_)
        | image::ImageError::Parameter(_)
        | image::ImageError::Unsupported(_)
        | image::ImageError::IoError(_)) => format!("it is broken ({error})"),
    };
    let mut limits = Limits::no_limits();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(side), Some(side), Some(room));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    if decoder.total_bytes() > room {
        return Err("it needs too much memory".to_owned());
    }
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn encode(picture: &DynamicImage) -> Result<Vec<u8>, String> {
    let mut bytes = Cursor::new(Vec::new());
    let plain = if picture.color().has_alpha() { DynamicImage::from(picture.to_rgba8()) } else { picture.to_rgb8().into() };
    plain.write_to(&mut bytes, ImageFormat::Png).map_err(|error| format!("it cannot be written ({error})"))?;
    Ok(bytes.into_inner())
}

fn name_of(peer: &PeerId, picture: &BlobHash) -> String {
    // 64 bits of the hash: enough to tell one friend's pictures apart, and the path stays short.
    format!("{peer}-{}.png", picture.to_string().get(..16).unwrap_or_default())
}

fn is_of(name: &str, peer: &PeerId) -> bool {
    name.strip_prefix(&peer.to_string()).is_some_and(|rest| rest.starts_with('-'))
}

/// The whole file; an error if it is longer than so many bytes.
fn read_bounded(file: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is longer than {} KiB", most >> 10)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, ImageEncoder as _, Rgba, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    const FRIEND: PeerId = PeerId::from_bytes([7; 32]);
    const OTHER: PeerId = PeerId::from_bytes([8; 32]);

    #[test]
    fn whatever_is_chosen_becomes_a_small_square_png_that_friends_accept() {
        let folder = tempfile::tempdir().unwrap();
        for (name, format, width, height) in
            [("a.png", ImageFormat::Png, 700, 300), ("b.jpg", ImageFormat::Jpeg, 300, 700), ("c.png", ImageFormat::Png, 1, 1)]
        {
            let file = folder.path().join(name);
            fs::write(&file, noise(width, height, format)).unwrap();
            let picture = prepare(&file).unwrap();
            let decoded = image::load_from_memory_with_format(picture.bytes(), ImageFormat::Png).unwrap();
            assert_eq!(decoded.width(), decoded.height(), "{name}");
            assert!(decoded.width() <= 128 && remake(picture.bytes()).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_a_picture_is_refused_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let png = noise(40, 40, ImageFormat::Png);
        for (bytes, reason) in [
            (vec![], "neither"),
            (b"GIF89a, which is not taken".to_vec(), "neither"),
            (png[..png.len() / 2].to_vec(), "broken"),
            (vec![0; (1 << 20) + 1], "longer than 1024 KiB"),
            (claiming(60_000, 60_000), "larger"),
            (claiming(4_097, 1), "larger"),
            (claiming_jpeg(60_000, 60_000), "larger"),
        ] {
            fs::write(&file, bytes).unwrap();
            let error = prepare(&file).unwrap_err();
            assert!(error.contains(reason), "{reason}: {error}");
        }
        assert!(prepare(folder.path()).unwrap_err().contains("no file"));
        assert!(prepare(&folder.path().join("missing")).is_err());
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        // 4,096 × 4,096 points of one colour, sixteen bits each: 16 KiB that become 128 MiB.
        let bomb = flat(4_096, ExtendedColorType::Rgba16, 8);
        assert!(bomb.len() < 1 << 20, "{}", bomb.len());
        assert!(shrink(&bomb).unwrap_err().contains("memory"));
        for sent in [flat(257, ExtendedColorType::L8, 1), flat(2_000, ExtendedColorType::L8, 1), claiming(u32::MAX >> 1, 1)] {
            assert!(remake(&sent).unwrap_err().contains("larger"));
        }
        assert!(remake(&noise(64, 64, ImageFormat::Jpeg)).is_err(), "friends send PNG and nothing else");
    }

    #[test]
    fn what_would_take_more_room_than_it_took_on_the_way_is_kept_smaller() {
        // A JPEG of noise is shorter than the same points as PNG.
        let sent = noise(200, 200, ImageFormat::Jpeg);
        let kept = remake_jpeg(&sent).unwrap();
        let decoded = image::load_from_memory_with_format(kept.bytes(), ImageFormat::Png).unwrap();
        assert!(decoded.width() <= 128 && kept.bytes().len() <= MAX_PICTURE, "{} × {}", decoded.width(), kept.bytes().len());
    }

    #[test]
    fn only_the_points_of_a_friends_picture_are_kept() {
        let (folder, pictures) = pictures();
        let mut bytes = noise(32, 32, ImageFormat::Png);
        bytes.extend(b"something that hides behind its end");
        let sent = Picture::new(bytes).unwrap();
        pictures.keep(&FRIEND, &sent).unwrap();
        let kept = fs::read(pictures.of(&FRIEND, &sent.id())).unwrap();
        assert!(!kept.windows(9).any(|window| window == b"something"));
        assert!(pictures.keep(&OTHER, &Picture::new(b"nonsense".to_vec()).unwrap()).is_err());
        let newer = Picture::new(noise(33, 33, ImageFormat::Png)).unwrap();
        pictures.keep(&FRIEND, &newer).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("pictures")).unwrap().count(), 1, "one for a friend");
        pictures.forget(&FRIEND, &newer.id());
        assert_eq!(fs::read_dir(folder.path().join("pictures")).unwrap().count(), 0);
    }

    #[test]
    fn at_the_start_what_is_listed_and_here_is_kept_and_everything_else_is_swept_up() {
        let (folder, pictures) = pictures();
        let [one, two] = [20, 30].map(|side| Picture::new(noise(side, side, ImageFormat::Png)).unwrap());
        pictures.keep(&FRIEND, &one).unwrap();
        pictures.keep(&OTHER, &two).unwrap();
        pictures.save_mine(Some(&one)).unwrap();
        let mut listed = BTreeMap::from([(FRIEND, one.id()), (OTHER, one.id())]);
        assert_eq!(pictures.load(&mut listed), (Some(one.clone()), vec![]));
        assert_eq!(listed, BTreeMap::from([(FRIEND, one.id())]));
        assert_eq!(fs::read_dir(folder.path().join("pictures")).unwrap().count(), 2);
        fs::write(pictures.mine(), "nonsense").unwrap();
        let (mine, sentences) = pictures.load(&mut listed);
        assert!(mine.is_none() && sentences[0].contains("choose one again"), "{sentences:?}");
        pictures.save_mine(None).unwrap();
        pictures.save_mine(None).unwrap();
        assert_eq!(pictures.load(&mut listed), (None, vec![]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn damaged_pictures_never_panic(at in 0..2_000_usize, byte in any::<u8>(), cut in 0..2_000_usize) {
            for format in [ImageFormat::Png, ImageFormat::Jpeg] {
                let mut bytes = noise(24, 24, format);
                let (at, cut) = (at % bytes.len(), cut % bytes.len());
                bytes[at] = byte;
                let _ = shrink(&bytes);
                bytes.truncate(cut);
                let _ = shrink(&bytes);
                let _ = remake(&bytes);
            }
        }
    }

    fn pictures() -> (tempfile::TempDir, Pictures) {
        let folder = tempfile::tempdir().unwrap();
        let pictures = Pictures::in_folder(folder.path().join("pictures"));
        (folder, pictures)
    }

    fn noise(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut random = blake3::Hasher::new().finalize_xof();
        let mut image = RgbaImage::from_pixel(width, height, Rgba([0, 0, 0, 255]));
        for pixel in image.pixels_mut() {
            random.fill(&mut pixel.0[..3]);
        }
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(DynamicImage::from(image).to_rgb8()).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn flat(side: u32, colour: ExtendedColorType, bytes_a_point: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let points = vec![0x55; (side * side) as usize * bytes_a_point];
        image::codecs::png::PngEncoder::new(&mut bytes).write_image(&points, side, side, colour).unwrap();
        bytes
    }

    /// A PNG whose header claims another size, with the checksum that fits.
    fn claiming(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = noise(8, 8, ImageFormat::Png);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    /// A JPEG whose frame header claims another size.
    fn claiming_jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = noise(8, 8, ImageFormat::Jpeg);
        let frame = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        bytes
    }

    /// CRC-32 as in PNG, annex D.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
        })
    }
}
