//! The slip of a model that the project asks for and that is not there, or does not run: why, and the ways out.

use egui::accesskit::Role;
use egui::{Button, Id, Label, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::panel::{self, Door};
use super::slip::{self, Stack};
use super::{PaintContext, fade, fault, notice, theme};
use crate::fault::Lost;
use crate::layout::Panel;
use crate::session::{Request, Slot};
use crate::summary::Tone;

/// What is typed of another model's path.
#[derive(Debug, Default)]
pub struct Relink {
    path: String,
    /// How high all of it is, points; 0 before it was drawn.
    height: f32,
}

/// The width of its slip at most: paths are long.
const WIDTH: f32 = 640.0;

/// Puts a slip on the stack that says what is missing, where it was looked for, and the ways out; whether it shall fold.
pub fn paint(
    ui: &mut Ui,
    stack: &mut Stack,
    id: Id,
    state: &mut Relink,
    lost: &Lost,
    door: &mut Door,
    cx: &mut PaintContext,
) -> bool {
    let metrics = cx.metrics;
    let margin = metrics.px(14.0);
    let most = stack.left();
    let width = most.x.min(metrics.px(WIDTH));
    // How high it is, is known once it was drawn: one frame later, before which it is not yet seen.
    let height = if state.height > 0.0 { (state.height + 2.0 * margin).min(most.y) } else { most.y };
    let Some(mut slip) = stack.put(ui, id, vec2(width, height).ceil(), slip::edge(Tone::Trouble)) else { return false };
    let ground = slip.max_rect();
    let spoken = slip.interact(ground, id, Sense::hover());
    let title = lost.title(cx.product.model[0]);
    spoken.widget_info(|| WidgetInfo::labeled(Role::Alert, true, format!("{title}. {}", lost.missing.reason)));
    let inner = ground.shrink(margin);
    let square = vec2(metrics.px(24.0), metrics.px(24.0));
    let corner = Rect::from_min_size(pos2(inner.right() - square.x, inner.top()), square);
    let mut height = 0.0;
    panel::room(&mut slip, inner, "missing", metrics, |ui| {
        let list = ScrollArea::vertical().id_salt("missing").auto_shrink([false, true]).show(ui, |ui| {
            let (_, head) = ui.allocate_space(vec2(ui.available_width(), square.y));
            notice::sign(ui, head.left_center() + vec2(metrics.px(9.0), 0.0), metrics.px(8.0), Tone::Trouble);
            let at = head.left_center() + vec2(metrics.px(26.0), 0.0);
            let room = corner.left() - metrics.px(8.0) - at.x;
            notice::line(ui, at, &title, metrics.heading(), theme::TEXT, room);
            ways_out(ui, state, lost, door, cx);
        });
        height = list.content_size.y;
        fade::paint(ui, &list, theme::RAISED, metrics);
    });
    if state.height != height {
        state.height = height;
        ui.ctx().request_repaint();
    }
    fault::fold_button(&slip, corner, id)
}

fn ways_out(ui: &mut Ui, state: &mut Relink, lost: &Lost, door: &mut Door, cx: &mut PaintContext) {
    let metrics = cx.metrics;
    let &Lost { slot, chosen, missing, held, is_there } = lost;
    let [model, _] = cx.product.model;
    ui.add(Label::new(&missing.reason).wrap());
    ui.label(theme::quiet(cx.product.until_then));
    if let Some(card) = held {
        ui.add_space(metrics.px(4.0));
        let response = ui.button("Try it again");
        if response.on_hover_text("Lets the model out of quarantine and loads it").clicked() {
            cx.requests.push(Request::ReleaseQuarantine { name: card.name.clone() });
        }
    } else if !missing.looked.is_empty() && !is_there {
        ui.add_space(metrics.px(4.0));
        ui.label(theme::quiet("It was looked for in"));
        for folder in &missing.looked {
            ui.add(Label::new(format!("\u{2022}  {}", folder.display())).wrap());
        }
    }
    ui.add_space(metrics.px(8.0));
    ui.separator();
    ui.horizontal_wrapped(|ui| {
        let response = ui.add(Button::new(format!("Choose an installed {model}\u{2026}")).fill(theme::ACCENT_DIM));
        if response.clicked() {
            door.opening.toggle(Panel::Models, response.id, door.open, ui);
        }
        if ui.button("Look again").on_hover_text("Reads the folders again").clicked() {
            cx.requests.push(Request::Rescan);
        }
        if chosen.can_undo_relink && ui.button("Undo the relink").clicked() {
            cx.requests.push(Request::UndoRelink(slot));
        }
        if slot == Slot::Second && ui.button("Go without it").clicked() {
            let (name, hash) = Default::default();
            cx.requests.push(Request::ChooseModel { slot, name, hash });
        }
    });
    ui.add_space(metrics.px(6.0));
    ui.label("Or put another in its place: drop its folder or zip archive on the window, or paste its path here.");
    let names = ["Path of a model's folder or zip archive", "/path/to/model or model.zip"];
    if let Some(path) = panel::path_field(ui, "relink", &mut state.path, names, "Relink") {
        cx.requests.push(Request::Relink { slot, path });
    }
}
