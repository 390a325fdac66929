//! The real icon: what [`Look`] says, put before the desktop.
//!
//! The desktop's events arrive on a thread of its own and can be listened to once in a process, so the listener only passes
//! an [`Action`] on. On Windows the icon must be made on the window's thread, after the event loop has begun.

use tray_icon::menu::{CheckMenuItem, IsMenuItem, Menu as DesktopMenu, MenuEvent, MenuItem, PredefinedMenuItem};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::Look;
use super::icon::{self, Dot, Picture};
use super::menu::{Action, Item, Menu};

/// Why there is no icon.
#[derive(Debug, thiserror::Error)]
pub enum TrayError {
    /// The desktop has no tray, or refused.
    #[error("the desktop shows no tray icon: {0}")]
    Icon(#[from] tray_icon::Error),
    /// The menu could not be built.
    #[error("the tray's menu cannot be built: {0}")]
    Menu(#[from] tray_icon::menu::Error),
    /// The picture is not one.
    #[error("the tray's picture cannot be used: {0}")]
    Picture(#[from] tray_icon::BadIcon),
}

/// An icon in the tray; gone when dropped.
pub struct Tray {
    icon: TrayIcon,
    shown: Look,
}

impl Tray {
    /// Puts an icon into the tray. `act` is called on a foreign thread and must not block.
    ///
    /// # Errors
    /// [`TrayError`] if the desktop has no tray.
    pub fn new(look: Look, act: impl Fn(Action) + Clone + Send + Sync + 'static) -> Result<Self, TrayError> {
        let icon = TrayIconBuilder::new()
            .with_id("fyteclub")
            .with_title("FyteClub")
            .with_tooltip(look.menu.status())
            .with_icon(picture(look.dot)?)
            .with_menu(Box::new(menu(&look.menu)?))
            .with_menu_on_left_click(false)
            .build()?;
        listen(act);
        Ok(Self { icon, shown: look })
    }

    /// Shows this from here on; does nothing for what is shown already.
    pub fn show(&mut self, look: Look) {
        if self.shown == look {
            return;
        }
        if let Err(error) = self.change(&look) {
            tracing::debug!(%error, "the tray icon cannot be changed");
        }
        self.shown = look;
    }

    fn change(&self, look: &Look) -> Result<(), TrayError> {
        if self.shown.dot != look.dot {
            self.icon.set_icon(Some(picture(look.dot)?))?;
        }
        if self.shown.menu != look.menu {
            self.icon.set_menu(Some(Box::new(menu(&look.menu)?)));
            self.icon.set_tooltip(Some(look.menu.status()))?;
        }
        Ok(())
    }
}

fn listen(act: impl Fn(Action) + Clone + Send + Sync + 'static) {
    let on_click = act.clone();
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        if let Some(action) = Action::from_id(event.id().as_ref()) {
            act(action);
        }
    }));
    TrayIconEvent::set_event_handler(Some(move |event| {
        if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
            on_click(Action::Open);
        }
    }));
}

fn picture(dot: Dot) -> Result<Icon, TrayError> {
    let Picture { side, rgba } = icon::draw(icon::TRAY_SIDE, dot);
    Ok(Icon::from_rgba(rgba, side, side)?)
}

fn menu(menu: &Menu) -> Result<DesktopMenu, TrayError> {
    let desktop = DesktopMenu::new();
    for item in &menu.0 {
        desktop.append(&*entry(item))?;
    }
    Ok(desktop)
}

fn entry(item: &Item) -> Box<dyn IsMenuItem> {
    match item {
        Item::Text(text) => Box::new(MenuItem::new(text, false, None)),
        Item::Entry { action, text } => Box::new(MenuItem::with_id(action.id(), text, true, None)),
        Item::Tick { action, text, on } => Box::new(CheckMenuItem::with_id(action.id(), text, true, *on, None)),
        Item::Separator => Box::new(PredefinedMenuItem::separator()),
    }
}
