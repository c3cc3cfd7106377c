//! What is done with A/B: the other side is heard, or becomes the same as this one.

use super::desk::Desk;
use super::document::Document;
use super::history::History;
use super::scene::Scene;
use super::sides::{Compare, Side};
use super::table::Table;

/// What the side that is heard holds, as the other side keeps it.
fn kept(table: &Table, desk: &dyn Desk, side: Side) -> Document {
    let name = match side {
        Side::A => "A",
        Side::B => "B",
    };
    Document::whole(&Scene::take(table, desk), table, name)
}

/// Lets the other side be heard, as one step of undo. The first time both are the same.
pub fn switch(table: &Table, desk: &mut dyn Desk, history: &mut History) {
    let now = desk.compare();
    let here = kept(table, desk, now.side);
    let there = now.other.as_ref().unwrap_or(&here);
    let (target, _) = there.scene(table, "A/B");
    let side = now.side.other();
    let label = if side == Side::A { "Switch to A" } else { "Switch to B" };
    desk.let_go_of_controllers();
    history.change_both(desk, label.into(), &target, Compare { side, other: Some(here) });
}

/// Copies the side that is heard to the other one, as one step of undo.
pub fn copy_to_other(table: &Table, desk: &mut dyn Desk, history: &mut History) {
    let now = desk.compare();
    let here = kept(table, desk, now.side);
    let label = if now.side == Side::A { "Copy A to B" } else { "Copy B to A" };
    let target = Scene::take(table, desk);
    history.change_both(desk, label.into(), &target, Compare { side: now.side, other: Some(here) });
}
