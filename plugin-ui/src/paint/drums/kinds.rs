//! The choice of a kind of drum, by the package's words.

use egui::accesskit::{Action, Role};
use egui::{Button, Popup, Rect, RichText, Sense, Ui, vec2};

use super::ink;
use crate::control::set_once;
use crate::drums::KitView;
use crate::format::capital;
use crate::paint::control::{Place, arrows, focus_ring, info};
use crate::paint::icon::{self, Icon};
use crate::paint::{PaintContext, button, menu, notice, theme};
use crate::{ParamBackend, ParamId};

/// A kind that the package does not have.
const UNKNOWN: &str = "none";

/// The kind that a parameter says, an index into [`KitView::classes`].
pub fn chosen(id: ParamId, params: &dyn ParamBackend) -> usize {
    params.plain(id, params.normalised(id)).round().max(0.0) as usize
}

/// A kind's name, to stand by itself.
pub fn name(kit: &KitView, class: usize) -> String {
    capital(kit.classes.get(class).map_or(UNKNOWN, |class| &class.name))
}

/// A button with the chosen kind in its colour, which opens a list of all.
pub fn list(ui: &Ui, rect: Rect, id: ParamId, kit: &KitView, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let now = chosen(id, cx.params);
    let last = kit.classes.len().saturating_sub(1);
    let response = ui.interact(rect, Place::Strip.widget_id(id), Sense::click());
    let mut next = now;
    if response.has_focus() {
        let [right, up] = arrows(ui, response.id);
        next = (now as f32 + right - up).clamp(0.0, last as f32) as usize;
    }
    let asked = |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action));
    next = (next + asked(Action::Increment)).min(last.max(now)).saturating_sub(asked(Action::Decrement));
    Popup::menu(&response).id(response.id.with("list")).width(rect.width()).show(|ui| {
        theme::scale(ui, metrics);
        for class in 0..kit.classes.len() {
            let text = RichText::new(name(kit, class)).color(ink::of(class));
            if ui.add(Button::selectable(class == now, text)).clicked() {
                next = class;
                response.request_focus();
            }
        }
    });
    if next != now {
        let value = cx.params.normalise(id, next as f32);
        set_once(cx.params, id, value);
    }
    response.widget_info(|| info(Role::ComboBox, cx.params.name(id), name(kit, next)));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    let is_idle = cx.why_idle(id).is_some();
    button::ground(ui, &response, rect, !is_idle);
    let colour = if is_idle { theme::IDLE } else { ink::of(next) };
    let at = rect.left_center() + vec2(metrics.px(8.0), 0.0);
    notice::line(ui, at, &name(kit, next), metrics.small(), colour, rect.width() - metrics.px(28.0));
    let at = rect.right_center() - vec2(metrics.px(10.0), 0.0);
    icon::paint(ui.painter(), at, metrics.fine(4.5), Icon::Down, theme::TEXT_QUIET);
    focus_ring(ui, &response, rect.expand(2.0), 5.0);
    menu::attach(ui, &response, id, false, cx);
    response.on_hover_text(menu::about(id, cx));
}
