//! Faults: the sign in the bar, and the slips that say what is wrong and what to do.

use egui::{Align2, Id, Rect, Ui, pos2};

use super::icon::Icon;
use super::panel::Door;
use super::slip::{self, Answer, Answered, Slips, Stack, Text};
use super::{PaintContext, button, missing, notice, theme};
use crate::fault::{Faults, Kind, Lost};
use crate::summary::Tone;

const FOLD: &str = "Fold it into the sign in the bar";

fn sign_id() -> Id {
    Id::unique("timbreloom faults")
}

fn slip_id(kind: Kind) -> Id {
    Id::unique(("timbreloom fault", kind as u8))
}

/// The width of the sign in the bar.
pub fn sign_width(faults: &Faults, cx: &PaintContext) -> f32 {
    cx.metrics.px(if faults.standing().len() > 1 { 38.0 } else { 26.0 })
}

/// The sign in the bar that stands as long as a fault does: folds and opens the slips. Draws nothing while all is well.
pub fn sign(ui: &Ui, rect: Rect, faults: &mut Faults, door: &mut Door, cx: &PaintContext) {
    let Some(tone) = faults.tone() else { return };
    let metrics = cx.metrics;
    let titles: Vec<&str> = faults.standing().iter().map(|fault| fault.title.as_str()).collect();
    let name = format!("What is wrong: {}", titles.join("; "));
    let is_open = door.open.is_none() && faults.open().next().is_some();
    let does = if is_open { "Click to fold it away." } else { "Click to read what to do." };
    let tooltip = format!("{}\n{does}", titles.join("\n"));
    let response = button::area(ui, rect, sign_id(), &name, true);
    ui.ctx().accesskit_node_builder(sign_id(), |node| node.set_expanded(is_open));
    let mut centre = rect.center();
    if let many @ 2.. = titles.len() {
        centre.x = rect.left() + metrics.px(13.0);
        let ink = if tone == Tone::Trouble { theme::WARNING } else { theme::TEXT_QUIET };
        let at = pos2(rect.right() - metrics.px(7.0), rect.center().y);
        ui.painter().text(at, Align2::RIGHT_CENTER, many, metrics.small(), ink);
    }
    notice::sign(ui, centre, metrics.px(6.5), tone);
    if response.clicked() {
        if door.open.is_some() {
            // What lies over the views lies over the slips.
            door.opening.close(door.open, ui);
            faults.unfold();
            ui.memory_mut(|memory| memory.request_focus(sign_id()));
        } else {
            faults.toggle();
        }
    }
    response.on_hover_text(tooltip);
}

/// Puts the open slips on the stack.
pub fn paint(
    ui: &mut Ui,
    faults: &mut Faults,
    relink: &mut missing::Relink,
    stack: &mut Stack,
    door: &mut Door,
    cx: &mut PaintContext,
) {
    let mut folded = None;
    // The most serious first: the others wait where there is no room. The sign in the bar counts them all.
    let slips: Vec<_> = faults.open().cloned().collect();
    for fault in &slips {
        let id = slip_id(fault.kind);
        let is_folded = match (fault.kind, Lost::of(cx.session)) {
            (Kind::Missing, Some(lost)) => missing::paint(ui, stack, id, relink, &lost, door, cx),
            _ => {
                let answer = Answer::Sign(Icon::Down, FOLD);
                let said =
                    Text { tone: fault.kind.tone(), title: &fault.title, text: &fault.text, answer, can_wait: true };
                slip::text(ui, stack, id, said) == Answered::Button
            }
        };
        if is_folded {
            folded = Some(fault.kind);
        }
    }
    if let Some(kind) = folded {
        faults.fold(kind);
        // The keyboard goes where the slip went.
        ui.memory_mut(|memory| memory.request_focus(sign_id()));
    }
}

/// What the slip covers that says why nothing plays.
pub fn covered(slips: &Slips) -> Option<Rect> {
    [Kind::Missing, Kind::Stopped].into_iter().find_map(|kind| slips.place(slip_id(kind)))
}

/// A slip under the hand does not fold by itself.
pub fn hold(ui: &Ui, faults: &mut Faults, slips: &Slips) {
    let held = faults.open().map(|fault| fault.kind).find(|&kind| {
        let id = slip_id(kind);
        slips.is_under(ui, id) || ui.memory(|memory| memory.has_focus(id.with("button")))
    });
    if let Some(kind) = held {
        faults.hold(kind);
    }
}

/// The button that folds a slip, for one that draws itself.
pub fn fold_button(ui: &Ui, place: Rect, id: Id) -> bool {
    button::sign(ui, place, id.with("button"), Icon::Down, [FOLD; 2], true).clicked()
}
