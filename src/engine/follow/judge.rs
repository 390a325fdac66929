//! Whether a look is wanted at all: before a byte of it is fetched.

use crate::domain::{BlobKind, BlobRef};
use crate::domain::{FileType, Limits, Manifest, Permissions, Sensitivity, TextValue, Weight};
use crate::engine::circle::Claim;
use crate::engine::publish::MAX_TEXTS_BYTES;

/// Kinds of file that can be refused, in the order in which they are listed.
pub(super) const REFUSABLE: [Sensitivity; 3] = [Sensitivity::Sound, Sensitivity::Animation, Sensitivity::Effect];

/// Whether a look is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Wanted,
    NotWanted,
    TooHeavy,
    Conflict,
}

/// What the person's settings say of an announced look. `limits`: `None` for one that is allowed whatever it weighs.
pub(super) fn judge(allowed: &Permissions, claim: Claim, weight: &Weight, limits: Option<&Limits>) -> Verdict {
    match claim {
        Claim::Mine | Claim::TooMany => Verdict::NotWanted,
        Claim::Theirs | Claim::Conflict if !allowed.show_them => Verdict::NotWanted,
        Claim::Conflict => Verdict::Conflict,
        Claim::Theirs if limits.is_some_and(|limits| !limits.exceeded(weight).is_empty()) => Verdict::TooHeavy,
        Claim::Theirs => Verdict::Wanted,
    }
}

/// Why a manifest is not what was announced, if it is not.
pub(super) fn broken_promise(manifest: &Manifest, announced: &Weight) -> Option<&'static str> {
    let weight = manifest.weight();
    let heavier =
        weight.files > announced.files || weight.bytes > announced.bytes || weight.texture_bytes > announced.texture_bytes;
    if heavier {
        return Some("it weighs more than was announced");
    }
    (text_bytes(manifest) > MAX_TEXTS_BYTES as u64).then_some("its texts are longer than a plugin can be told")
}

/// Kinds of file that are refused.
pub(super) fn refused(allowed: &Permissions) -> Vec<Sensitivity> {
    let is_refused = |kind: &Sensitivity| match kind {
        Sensitivity::Plain => false,
        Sensitivity::Sound => !allowed.sounds,
        Sensitivity::Animation => !allowed.animations,
        Sensitivity::Effect => !allowed.effects,
    };
    REFUSABLE.into_iter().filter(is_refused).collect()
}

/// Whether a blob is to be fetched, given the refused kinds.
pub(super) fn is_needed(blob: &BlobRef, without: &[Sensitivity]) -> bool {
    match blob.kind {
        BlobKind::File(file_type) => !without.contains(&FileType::sensitivity(file_type)),
        BlobKind::Text | BlobKind::Manifest => true,
    }
}

fn text_bytes(manifest: &Manifest) -> u64 {
    let texts = manifest.objects().iter().flat_map(|object| object.texts.values());
    texts
        .map(|text| match text {
            TextValue::Inline(text) => text.len() as u64,
            TextValue::Blob(blob) => blob.size,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::WeightPart;

    #[test]
    fn ownership_comes_before_permission_and_permission_before_weight() {
        let all = Permissions::default();
        let hidden = Permissions { show_them: false, ..all };
        let limits = Limits { bytes: 10, ..Limits::default() };
        let heavy = Weight { bytes: 11, ..Weight::default() };
        let light = Weight::default();
        assert_eq!(judge(&all, Claim::Theirs, &light, Some(&limits)), Verdict::Wanted);
        assert_eq!(judge(&all, Claim::Theirs, &heavy, Some(&limits)), Verdict::TooHeavy);
        assert_eq!(judge(&all, Claim::Theirs, &heavy, None), Verdict::Wanted);
        assert_eq!(judge(&hidden, Claim::Theirs, &heavy, None), Verdict::NotWanted);
        assert_eq!(judge(&hidden, Claim::Theirs, &heavy, Some(&limits)), Verdict::NotWanted);
        assert_eq!(judge(&all, Claim::Conflict, &heavy, Some(&limits)), Verdict::Conflict);
        assert_eq!(judge(&hidden, Claim::Conflict, &light, Some(&limits)), Verdict::NotWanted);
        assert_eq!(judge(&all, Claim::Mine, &light, Some(&limits)), Verdict::NotWanted);
    }

    #[test]
    fn each_limit_holds_back_and_says_by_how_much_and_reaching_it_does_not() {
        let limits = Limits { files: 5, bytes: 5, texture_bytes: 5, triangles: 5 };
        let full = Weight { files: 5, bytes: 5, texture_bytes: 5, triangles: 5 };
        let all = Permissions::default();
        assert_eq!(judge(&all, Claim::Theirs, &full, Some(&limits)), Verdict::Wanted);
        for (over, part, words) in [
            (Weight { files: 6, ..full }, WeightPart::Files(1), "1 files"),
            (Weight { bytes: 2_053, ..full }, WeightPart::Bytes(2_048), "2 KiB"),
            (Weight { texture_bytes: (3 << 20) + 6, ..full }, WeightPart::TextureBytes((3 << 20) + 1), "4 MiB of textures"),
            (Weight { triangles: 7, ..full }, WeightPart::Triangles(2), "2 triangles"),
        ] {
            assert_eq!(judge(&all, Claim::Theirs, &over, Some(&limits)), Verdict::TooHeavy, "{over:?}");
            assert_eq!(limits.exceeded(&over), [part]);
            assert_eq!(part.to_string(), words);
            let mut raised = limits;
            raised.set(match part {
                WeightPart::Files(files) => WeightPart::Files(files + 5),
                WeightPart::Bytes(bytes) => WeightPart::Bytes(bytes + 5),
                WeightPart::TextureBytes(bytes) => WeightPart::TextureBytes(bytes + 5),
                WeightPart::Triangles(triangles) => WeightPart::Triangles(triangles + 5),
            });
            assert_eq!(judge(&all, Claim::Theirs, &over, Some(&raised)), Verdict::Wanted, "{raised:?}");
        }
    }
}
