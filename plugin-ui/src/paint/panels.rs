//! What lies over the views of either window: browsers and settings.

use egui::{Key, Modifiers, Popup, Rect, Ui};

use super::panel::Opening;
use super::{PaintContext, models, presets, settings};
use crate::Request;
use crate::control::Controls;
use crate::keys;
use crate::layout::Panel;
use crate::session::Session;

/// From this width on a panel leaves the strip of controls uncovered, in points.
const BESIDE_STRIP_POINTS: f32 = 1300.0;

/// The keys that choose a view, with Ctrl.
const VIEW_KEYS: [Key; 6] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6];

/// What the panels keep between frames.
#[derive(Debug, Default)]
pub struct Panels {
    pub opening: Opening,
    models: models::ModelPanel,
    presets: presets::PresetPanel,
}

impl Panels {
    /// Draws what lies over the views, if anything does; returns whether it did.
    pub fn paint(&mut self, ui: &mut Ui, rect: Rect, open: &mut Option<Panel>, cx: &mut PaintContext) -> bool {
        let is_new = self.opening.take_new();
        let is_closed = match *open {
            Some(Panel::Models) => models::paint(ui, rect, &mut self.models, is_new, cx),
            Some(Panel::Presets) => presets::paint(ui, rect, &mut self.presets, is_new, cx),
            Some(Panel::Settings) => settings::paint(ui, rect, is_new, cx),
            None => return false,
        };
        if is_closed {
            self.opening.close(open, ui);
        }
        true
    }

    /// Escape closes what lies on top, one thing at a time.
    pub fn take_escape(
        &mut self,
        ui: &Ui,
        open: &mut Option<Panel>,
        controls: &Controls,
        session: &Session,
        requests: &mut Vec<Request>,
    ) {
        if open.is_some() || session.midi.learning.is_some() {
            keys::claim(ui, keys::Reach::Controls);
        }
        let is_escape = ui.input(|input| input.key_pressed(Key::Escape));
        // Menus and fields of values close by themselves.
        if !is_escape || Popup::is_any_open(ui.ctx()) || controls.is_typing() {
            return;
        }
        if session.midi.learning.is_some() {
            requests.push(Request::Learn(None));
        } else if open.is_some() && !self.presets.leave_form() {
            self.opening.close(open, ui);
        }
    }
}

/// Whether the open panel covers the strip of controls in a window.
pub fn covers_strip(open: Option<Panel>, window: Rect) -> bool {
    open.is_some() && window.width() < BESIDE_STRIP_POINTS
}

/// The number of the view that Ctrl and a digit ask for, from 0.
pub fn asked_view(ui: &Ui) -> Option<usize> {
    let is_asked = |&key: &Key| ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, key));
    VIEW_KEYS.iter().position(is_asked)
}
