//! The view of grain space: all grains on a plane, and a walk through them that is drawn and played.

use egui::accesskit::Role;
use egui::{
    Align2, Color32, CursorIcon, Event, Id, Key, PointerButton, Popup, Pos2, Rect, Response, Sense, Stroke, Ui, pos2,
    vec2,
};

use super::{Scene, ink, kinds, walk_tools};
use crate::EngineState;
use crate::drums::DrumsRequest;
use crate::drums::grains::{GrainsView, length_text};
use crate::drums::walk::along;
use crate::keys;
use crate::paint::PaintContext;
use crate::paint::control::{arrows, came_by_keys, focus_ring, info, is_fine, presses, shows_focus};
use crate::paint::plot::{self, chip, chips, is_too_small};
use crate::paint::ribbon::{Knot, Pen};
use crate::paint::theme::{self, Metrics};

/// What a press of + or − makes the walk wider or narrower by.
const SCALE: f32 = 1.06;

/// Where the plane is drawn.
struct Plot {
    rect: Rect,
    centre: [f32; 2],
    /// Points for one of the plane.
    unit: f32,
}

impl Plot {
    fn at(&self, place: [f32; 2]) -> Pos2 {
        let [x, y] = [place[0] - self.centre[0], place[1] - self.centre[1]];
        self.rect.center() + vec2(x, -y) * self.unit
    }

    fn from(&self, at: Pos2) -> [f32; 2] {
        let far = (at - self.rect.center()) / self.unit;
        [self.centre[0] + far.x, self.centre[1] - far.y]
    }
}

/// Draws the view into the whole of `rect`.
pub fn paint(
    ui: &mut Ui,
    rect: Rect,
    view: &mut GrainsView,
    scene: &Scene,
    cx: &mut PaintContext,
    requests: &mut Vec<DrumsRequest>,
) {
    let metrics = cx.metrics;
    let inner = plot::ground(ui, rect, metrics);
    if is_too_small(inner) || (scene.plugin.state != EngineState::Ready && plot::stand_in(ui, inner, scene.plugin, cx))
    {
        return;
    }
    let above = inner.with_max_y(inner.top() + metrics.px(24.0));
    let below = inner.with_min_y(inner.bottom() - metrics.px(34.0));
    let gap = metrics.px(7.0);
    let plane = inner.with_min_y(above.bottom() + gap).with_max_y(below.top() - gap);
    walk_tools::above(ui, above, view, scene, cx, requests);
    if !is_too_small(plane) {
        let range = view.range();
        let unit = plane.width().min(plane.height()) * 0.5 / range.reach;
        // As wide as the view is; its height says how much is shown.
        let plot = Plot { rect: plane, centre: range.centre, unit };
        let response = react(ui, &plot, view, scene, requests);
        draw(ui, &plot, view, scene, metrics);
        announce(ui, &plot, &response, view, scene, cx);
    }
    walk_tools::below(ui, below, view, scene, cx);
}

fn react(ui: &Ui, plot: &Plot, view: &mut GrainsView, scene: &Scene, requests: &mut Vec<DrumsRequest>) -> Response {
    let id = Id::unique("timbreloom grain plane");
    let response = ui.interact(plot.rect, id, Sense::click_and_drag());
    let is_quick = response.hovered() && !ui.input(|input| input.pointer.any_down());
    view.has_keys |= came_by_keys(ui, &response);
    let within = |at: Pos2| plot.from(at.clamp(plot.rect.min, plot.rect.max));
    for event in ui.input(|input| input.events.clone()) {
        match event {
            Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, .. }
                if (response.is_pointer_button_down_on() || is_quick) && plot.rect.contains(pos) =>
            {
                response.request_focus();
                view.has_keys = false;
                view.press(plot.from(pos));
            }
            Event::PointerMoved(at) => view.drag_to(within(at)),
            Event::PointerButton { button: PointerButton::Primary, pressed: false, .. } => view.let_go(),
            _ => {}
        }
    }
    if response.has_focus() && !Popup::is_any_open(ui.ctx()) {
        if view.has_keys {
            keys::claim_space(ui);
        }
        let [right, up] = arrows(ui, id);
        let fine = if is_fine(ui) { 0.2 } else { 1.0 };
        if (right != 0.0 || up != 0.0) && view.has_walk() {
            view.hold();
            view.move_by([right * fine, up * fine]);
        }
        let wider = presses(ui, Key::Plus) + presses(ui, Key::Equals) - presses(ui, Key::Minus);
        if wider != 0.0 && view.has_walk() {
            view.hold();
            view.scale(SCALE.powf(wider));
        }
        if presses(ui, Key::Enter) > 0.0 {
            view.draw_form();
        }
        if presses(ui, Key::Space) > 0.0 && view.has_keys {
            walk_tools::play_or_stop(view, scene, requests);
        }
        if presses(ui, Key::Delete) + presses(ui, Key::Backspace) > 0.0 {
            view.clear();
        }
    }
    response
}

fn draw(ui: &Ui, plot: &Plot, view: &GrainsView, scene: &Scene, metrics: Metrics) {
    let painter = ui.painter_at(plot.rect);
    painter.rect_filled(plot.rect, 4.0, theme::BACKGROUND);
    let class = view.walk().class;
    let has_class = scene.kit.classes.len() > class;
    for grain in &scene.kit.grains {
        let at = plot.at(grain.at);
        if at.is_finite() && plot.rect.contains(at) {
            let is_own = has_class && grain.class == class;
            let fill = ink::of(grain.class).gamma_multiply(if is_own { 0.9 } else { 0.38 });
            painter.circle_filled(at, metrics.fine(if is_own { 2.3 } else { 1.8 }), fill);
        }
    }
    let course: Vec<Pos2> = view.course().iter().map(|&place| plot.at(place)).collect();
    let mut pen = Pen::default();
    for (half_width, colour) in [(3.2, theme::BACKGROUND.gamma_multiply(0.75)), (0.8, theme::TEXT)] {
        let half_width = metrics.fine(half_width);
        let knots: Vec<Knot> = course.iter().map(|&at| Knot { at, half_width, colour }).collect();
        pen.stroke(&knots);
    }
    pen.paint(&painter);
    stops(ui, plot, view, ink::of(class), metrics);
    names(ui, plot, view, scene, metrics);
    if let (Some(&first), true) = (course.first(), view.has_walk()) {
        painter.circle(first, metrics.fine(4.5), theme::BACKGROUND, Stroke::new(metrics.fine(2.0), theme::TEXT));
    }
    if let Some(at) = scene.status.walk_at.filter(|at| at.is_finite()).and_then(|share| along(view.course(), share)) {
        let at = plot.at(at);
        painter.circle_filled(at, metrics.fine(13.0), theme::ACCENT.gamma_multiply(0.2));
        painter.circle(at, metrics.fine(6.0), theme::ACCENT, Stroke::new(metrics.fine(2.0), theme::TEXT));
    }
}

/// Where the walk's grains are, unless they are so near to each other that they would be a line.
fn stops(ui: &Ui, plot: &Plot, view: &GrainsView, colour: Color32, metrics: Metrics) {
    if view.walk().step * plot.unit < metrics.fine(5.0) {
        return;
    }
    let painter = ui.painter_at(plot.rect);
    for &at in view.stops() {
        painter.circle(plot.at(at), metrics.fine(2.6), colour, Stroke::new(1.0, theme::TEXT));
    }
}

/// The name of each kind in the middle of its grains, or near to it; that of the walk's own kind first.
fn names(ui: &Ui, plot: &Plot, view: &GrainsView, scene: &Scene, metrics: Metrics) {
    let middles = view.middles().iter().enumerate();
    let mut names: Vec<_> = middles
        .filter_map(|(class, middle)| Some((class, plot.at((*middle)?), kinds::name(scene.kit, class))))
        .collect();
    names.sort_by_key(|(class, ..)| *class != view.walk().class);
    let names = names.iter().map(|(class, at, name)| (*at, name.as_str(), ink::of(*class)));
    chips(ui, plot.rect, names, metrics);
}

fn announce(ui: &Ui, plot: &Plot, response: &Response, view: &GrainsView, scene: &Scene, cx: &PaintContext) {
    let metrics = cx.metrics;
    let walk = view.walk();
    let told = match (view.has_walk(), scene.status.walk_at) {
        (false, _) => "No walk.".to_owned(),
        (true, None) => format!("{}, {}", walk.kind.name(), length_text(walk.length)),
        (true, Some(_)) => format!("{}, {}, playing", walk.kind.name(), length_text(walk.length)),
    };
    response.widget_info(|| info(Role::Slider, "Plane of grains", &told));
    focus_ring(ui, response, plot.rect.expand(2.0), 5.0);
    let text = match (shows_focus(ui, response), view.has_walk()) {
        (true, _) => "Enter: draw the form. Arrows: move. + and \u{2212}: wider, narrower. Space: play. Delete: clear",
        (false, false) => "Drag to draw a walk through the grains",
        (false, true) => "",
    };
    if !text.is_empty() {
        let at = pos2(plot.rect.left() + 4.0, plot.rect.bottom() - 4.0);
        chip(ui, plot.rect, at, Align2::LEFT_BOTTOM, text, theme::TEXT_QUIET, metrics);
    }
    let response = response.clone().on_hover_cursor(CursorIcon::Crosshair);
    if !view.is_drawing() {
        response.on_hover_text_at_pointer("Drag: draws a walk with the tool above, in the place of the one before");
    }
}
