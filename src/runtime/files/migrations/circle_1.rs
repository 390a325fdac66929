//! Circle, 1 to 2: what I call friends and note of them, and the pictures they show.
//!
//! | key | in 1 | in 2 |
//! |---|---|---|
//! | `labels` | - | friend → what I call and note of them; empty |
//! | `pictures` | - | friend → the hash of the picture that is kept of them; empty |

use crate::runtime::files::tree::Tree;

pub(super) fn step(circle: &mut Tree) -> Result<(), String> {
    for key in ["labels", "pictures"] {
        if circle.get(key).is_none() {
            circle.set(key, Tree::Map(Vec::new()));
        }
    }
    if circle.get("labels").is_some() { Ok(()) } else { Err("it is no list of friends".to_owned()) }
}
