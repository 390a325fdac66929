//! Names: the plain values that every other layer speaks in.
//!
//! Nothing here does anything by itself: no clock, no randomness, no files, no sockets. A value that exists is valid
//! (a [`GamePath`] cannot hold `../x`), so the layers above check once, at the edge, and never again.

mod appearance;
mod blob;
mod budget;
mod character;
mod game_path;
mod id;
mod identity;
mod invitation;
mod invite;
mod label;
mod passphrase;
mod peer;
mod picture;
mod preferences;
pub mod public_servers;
mod rates;
mod router;
mod server;
mod settings;
mod trust;

pub use appearance::{
    AppearanceText, FileEntry, MAX_INLINE_TEXT, MAX_MANIFEST_FILES, MAX_MANIFEST_PATHS, MAX_TEXT, MAX_TEXTS, Manifest,
    ManifestError, ObjectAppearance, ObjectKind, TextName, TextValue, Weight,
};
pub use blob::{BlobKind, BlobRef, FileType, Sensitivity};
pub use budget::Budget;
pub use character::{Character, CharacterError};
pub use game_path::{GamePath, GamePathError, MAX_GAME_PATH};
pub use id::{AppearanceId, BlobHash, IdError, InstanceId, PeerId, Revision};
pub use identity::{CARD_BYTES, Card, CardError, Identity, is_small_order};
pub use invitation::{Invitation, InvitationError, InvitationId, InvitationSecret, MAX_HINTS};
pub use invite::{CODE_WORDS, CodeError, InviteCode};
pub use label::{Label, LabelError, MAX_NOTE, MAX_TAG, MAX_TAGS, Note, Tag, Tags};
pub use passphrase::{MAX_PASSPHRASE, MIN_PASSPHRASE, Passphrase, PassphraseError};
pub use peer::{DisplayName, NameError, Route};
pub(crate) use peer::{is_unseen, printable};
pub use picture::{MAX_PICTURE, Picture};
pub use preferences::{Notifications, TextSize, TextSizeError, Theme, Told, Welcome};
pub use rates::{Direction, Rate, RateLimits};
pub use router::{NoWay, NoWayReason, RouterKind};
pub use server::{MAX_RELAYS, MAX_STUN, RelayUrl, ServerError, StunServer};
pub use settings::{DiscoveryMode, InterfaceChoice, Limits, Settings, WeightPart, WinePlugins};
pub use trust::{Audience, Permission, PermissionSet, Permissions, Trust};
