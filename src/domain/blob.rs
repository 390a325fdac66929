//! What an appearance is made of: files of the kinds that the game loads, each named by its hash.

use super::BlobHash;

macro_rules! file_types {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $extension:literal $sensitivity:ident),* $(,)?) => {
        /// The kinds of file that the game loads; anything else is refused on publish and on receipt.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FileType {
            $($(#[$doc])* $variant,)*
        }

        impl FileType {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The extension, lower case, no dot.
            #[must_use]
            pub const fn extension(self) -> &'static str {
                match self { $(Self::$variant => $extension),* }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $number),* }
            }

            /// The type with this number on the wire.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }

            /// The type with this extension (any case, no dot).
            #[must_use]
            pub fn from_extension(extension: &str) -> Option<Self> {
                $(if extension.eq_ignore_ascii_case($extension) { return Some(Self::$variant); })*
                None
            }

            /// Which permission covers it.
            #[must_use]
            pub const fn sensitivity(self) -> Sensitivity {
                match self { $(Self::$variant => Sensitivity::$sensitivity),* }
            }
        }
    };
}

/// Which permission covers a kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sensitivity {
    /// Shown whenever the character is.
    Plain,
    /// Sounds.
    Sound,
    /// Animations.
    Animation,
    /// Effects.
    Effect,
}

file_types! {
    /// Model.
    Mdl = 1 "mdl" Plain,
    /// Texture.
    Tex = 2 "tex" Plain,
    /// Material.
    Mtrl = 3 "mtrl" Plain,
    /// Timeline.
    Tmb = 4 "tmb" Animation,
    /// Animation.
    Pap = 5 "pap" Animation,
    /// Effect.
    Avfx = 6 "avfx" Effect,
    /// Effect texture.
    Atex = 7 "atex" Effect,
    /// Skeleton.
    Sklb = 8 "sklb" Animation,
    /// Element ids.
    Eid = 9 "eid" Animation,
    /// Physics.
    Phyb = 10 "phyb" Animation,
    /// Pre-bone deformers.
    Pbd = 11 "pbd" Animation,
    /// Sound.
    Scd = 12 "scd" Sound,
    /// Skeleton parameters.
    Skp = 13 "skp" Animation,
    /// Shader package.
    Shpk = 14 "shpk" Plain,
    /// Image change data.
    Imc = 15 "imc" Plain,
}

/// What a blob is, and so its extension in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlobKind {
    /// A file of the game.
    File(FileType),
    /// A text too long for the manifest.
    Text,
    /// A manifest too long for one message.
    Manifest,
}

impl BlobKind {
    /// The extension in the cache, no dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::File(file_type) => file_type.extension(),
            Self::Text => "text",
            Self::Manifest => "manifest",
        }
    }

    /// The number on the wire and in the index.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::File(file_type) => file_type.number(),
            Self::Text => 254,
            Self::Manifest => 255,
        }
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            254 => Some(Self::Text),
            255 => Some(Self::Manifest),
            other => FileType::from_number(other).map(Self::File),
        }
    }
}

/// A blob as a manifest names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobRef {
    /// BLAKE3 of the content.
    pub hash: BlobHash,
    /// Bytes of content.
    pub size: u64,
    /// What it is.
    pub kind: BlobKind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_blob_has_a_number_and_an_extension_of_its_own() {
        let files = FileType::ALL.iter().copied().map(BlobKind::File);
        let kinds: Vec<_> = files.chain([BlobKind::Text, BlobKind::Manifest]).collect();
        for (index, kind) in kinds.iter().enumerate() {
            assert_eq!(BlobKind::from_number(kind.number()), Some(*kind));
            assert!(kinds.iter().skip(index + 1).all(|other| other.extension() != kind.extension()), "{kind:?}");
        }
        assert_eq!((0..=u8::MAX).filter_map(BlobKind::from_number).count(), kinds.len());
    }

    #[test]
    fn extensions_are_recognised_in_any_case() {
        for file_type in FileType::ALL {
            assert_eq!(FileType::from_extension(&file_type.extension().to_uppercase()), Some(*file_type));
        }
        assert_eq!(FileType::from_extension("exe"), None);
    }

    #[test]
    fn sounds_animations_and_effects_can_be_refused_apart() {
        let of = |sensitivity| FileType::ALL.iter().filter(|t| t.sensitivity() == sensitivity).map(|t| t.extension()).collect();
        let (sound, animation, effect): (Vec<_>, Vec<_>, Vec<_>) =
            (of(Sensitivity::Sound), of(Sensitivity::Animation), of(Sensitivity::Effect));
        assert_eq!(sound, ["scd"]);
        assert_eq!(animation, ["tmb", "pap", "sklb", "eid", "phyb", "pbd", "skp"]);
        assert_eq!(effect, ["avfx", "atex"]);
    }
}
