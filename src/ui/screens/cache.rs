//! What friends' looks take on the disk.

use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, Rect, Sense, Ui, WidgetInfo, vec2};

use super::Scene;
use super::section::{choice_row, section, sizes};
use crate::domain::PeerId;
use crate::engine::command::{Command, SettingChange};
use crate::engine::snapshot::{CacheView, ChoreView, Extent};
use crate::i18n::{self, fl};
use crate::ui::outside::Wish;
use crate::ui::view::{Confirm, View};
use crate::ui::widgets::{self, Kind};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// Friends with a colour of their own in the picture; the rest share one.
const SHOWN: usize = 7;

/// The page of the cache.
pub(crate) fn cache(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let cache = &scene.snapshot.cache;
    widgets::head(ui, &fl!("page-cache"));
    section(ui, &fl!("cache-used"), |ui| used(ui, scene, cache));
    section(ui, &fl!("cache-limit"), |ui| limit(ui, commands, cache));
    section(ui, &fl!("cache-care"), |ui| care(ui, scene, view, commands));
}

fn used(ui: &mut Ui, scene: Scene<'_>, cache: &CacheView) {
    let size = fl!("cache-size", used = i18n::size(cache.bytes), limit = i18n::size(cache.limit));
    widgets::name(ui, &size);
    let parts = parts(cache);
    picture(ui, cache, &parts, &size);
    for (colour, part, extent) in &parts {
        let name = match part {
            Part::Friend(peer) => words::name(scene.snapshot, *peer),
            Part::Friends(count) => fl!("cache-more-friends", count = (*count)),
            Part::Rest => fl!("cache-rest"),
        };
        legend(ui, *colour, &name, *extent);
    }
    if let Some(free) = cache.free {
        widgets::fact(ui, &fl!("cache-free"), &i18n::size(free));
    }
}

/// Whose share of the cache it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Friend(PeerId),
    /// So many friends together.
    Friends(usize),
    /// Kept for nobody's present look.
    Rest,
}

fn parts(cache: &CacheView) -> Vec<(Color32, Part, Extent)> {
    let mut parts: Vec<_> = Vec::new();
    for (index, (peer, extent)) in cache.by_friend.iter().take(SHOWN).enumerate() {
        parts.push((tokens::chart(index), Part::Friend(*peer), *extent));
    }
    let others = cache.by_friend.iter().skip(SHOWN);
    let count = others.clone().count();
    if count > 0 {
        parts.push((
            tokens::chart(SHOWN),
            Part::Friends(count),
            others.fold(Extent::default(), |sum, (_, more)| add(sum, *more)),
        ));
    }
    let named = cache.by_friend.iter().fold(Extent::default(), |sum, (_, more)| add(sum, *more));
    let rest = Extent { files: cache.blobs.saturating_sub(named.files), bytes: cache.bytes.saturating_sub(named.bytes) };
    if rest.files > 0 {
        parts.push((tokens::chart_rest(), Part::Rest, rest));
    }
    parts
}

const fn add(a: Extent, b: Extent) -> Extent {
    Extent { files: a.files.saturating_add(b.files), bytes: a.bytes.saturating_add(b.bytes) }
}

/// A bar as long as the limit, filled by what each takes.
fn picture(ui: &mut Ui, cache: &CacheView, parts: &[(Color32, Part, Extent)], name: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::CHART), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, tokens::CONTROL_RADIUS, tokens::palette(ui).raised);
    let whole = cache.limit.max(cache.bytes).max(1) as f32;
    let mut left = rect.left();
    for (colour, _, extent) in parts {
        // A sliver is still to be seen.
        let width = (extent.bytes as f32 / whole * rect.width()).max(2.0);
        let part = Rect::from_min_size(eframe::egui::pos2(left, rect.top()), vec2(width, rect.height()));
        painter.rect_filled(part, 0.0, *colour);
        left += width;
    }
}

fn legend(ui: &mut Ui, colour: Color32, name: &str, extent: Extent) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
        ui.painter().rect_filled(rect, 3.0, colour);
        widgets::fact(ui, name, &fl!("cache-extent", size = i18n::size(extent.bytes), files = i18n::count(extent.files)));
    });
}

fn limit(ui: &mut Ui, commands: &mut Commands, cache: &CacheView) {
    limit_choice(ui, commands, cache, &[1, 2, 5, 10, 20, 50, 100, 200]);
    widgets::faint(ui, &fl!("cache-limit-more"));
}

/// How large the cache may get: so many GiB.
pub(super) fn limit_choice(ui: &mut Ui, commands: &mut Commands, cache: &CacheView, gib: &[u64]) {
    let said = Some(i18n::size(cache.limit));
    if let Some(limit) = choice_row(ui, &fl!("cache-limit-name"), &cache.limit, &sizes(30, gib), said) {
        commands.push(Command::ChangeSetting { change: SettingChange::CacheLimit(limit) });
    }
}

fn care(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let maintenance = &scene.snapshot.maintenance;
    if let Some(folder) = &scene.snapshot.cache.folder {
        widgets::faint(ui, &fl!("cache-folder", folder = folder.display().to_string()));
    }
    if let Some(chore) = &maintenance.running {
        return under_way(ui, commands, chore);
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.y = tokens::GAP;
        if widgets::button(ui, Kind::Plain, &fl!("cache-verify")).clicked() {
            commands.push(Command::VerifyCache);
        }
        if widgets::button(ui, Kind::Plain, &fl!("cache-move")).clicked() {
            view.wishes.push(Wish::ChooseCacheFolder);
        }
        if let Some(folder) = &scene.snapshot.cache.folder
            && widgets::button(ui, Kind::Plain, &fl!("cache-open")).clicked()
        {
            view.wishes.push(Wish::OpenFolder(folder.clone()));
        }
        if widgets::button(ui, Kind::Danger, &fl!("cache-clear")).clicked() {
            view.confirm = Some(Confirm::ClearCache);
        }
    });
    if let Some(last) = &maintenance.last {
        widgets::note(ui, last);
    }
}

fn under_way(ui: &mut Ui, commands: &mut Commands, chore: &ChoreView) {
    let what = match (&chore.moving_to, chore.leaving) {
        (None, _) => fl!("cache-verifying"),
        (Some(folder), false) => fl!("cache-moving", folder = folder.display().to_string()),
        (Some(_), true) => fl!("cache-leaving"),
    };
    widgets::note(ui, &what);
    widgets::bar(ui, widgets::share(chore.done.bytes, chore.total.bytes), &what);
    let amount = fl!("transfer-amount", done = i18n::size(chore.done.bytes), total = i18n::size(chore.total.bytes));
    let files = fl!("transfer-files", done = chore.done.files, total = chore.total.files);
    widgets::faint(ui, &fl!("joined", first = amount, second = files));
    if !chore.leaving && widgets::button(ui, Kind::Plain, &fl!("cancel")).accessible_name(fl!("cache-cancel")).clicked() {
        commands.push(Command::CancelMaintenance);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AppearanceId;

    #[test]
    fn the_parts_of_the_picture_are_all_that_there_is() {
        let share = |n: u8| (PeerId::from_bytes(*AppearanceId::of(&[n]).as_bytes()), Extent { files: 1, bytes: 10 });
        let cache =
            CacheView { blobs: 20, bytes: 500, limit: 1_000, by_friend: (0..10).map(share).collect(), ..CacheView::default() };
        let parts = parts(&cache);
        assert_eq!(parts.len(), SHOWN + 2);
        let sum = parts.iter().fold(Extent::default(), |sum, (_, _, more)| add(sum, *more));
        assert_eq!(sum, Extent { files: 20, bytes: 500 });
        assert_eq!(parts.get(SHOWN).map(|(_, part, _)| part.clone()), Some(Part::Friends(3)));
        assert_eq!(parts.last().map(|(_, part, _)| part.clone()), Some(Part::Rest));
    }
}
