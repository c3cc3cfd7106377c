//! A/B: two complete settings, one of which is heard.

use serde::{Deserialize, Serialize};

use super::document::{self, Document};
use super::history::History;
use super::scene::{Desk, Scene};
use super::table::Table;
use crate::model::request::ModelRequest;

/// One of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The first, with which an instance begins.
    #[default]
    A,
    /// The second.
    B,
}

impl Side {
    /// The one that is not this one.
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Which side is heard, and what the other one holds. Saved with the project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compare {
    side: Side,
    /// In units and ids, as a preset, so that later versions can read it. `None`: never used, the same as what is heard.
    #[serde(default, deserialize_with = "document::of_any_version")]
    other: Option<Document>,
}

impl Compare {
    /// The side that is heard.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Whether the side that is not heard has settings of its own yet.
    pub fn has_other(&self) -> bool {
        self.other.is_some()
    }

    /// The models that the side that is not heard asks for; the second is `None` where it has none.
    pub fn other_models(&self) -> [Option<&ModelRequest>; 2] {
        let other = self.other.as_ref();
        [other.map(|other| &other.model), other.and_then(|other| other.second_model.as_ref())]
    }
}

/// What the side that is heard holds, as the other side keeps it.
fn kept(table: &Table, desk: &dyn Desk, side: Side) -> Document {
    let name = match side {
        Side::A => "A",
        Side::B => "B",
    };
    Document::of(&Scene::take(table, desk), table, name, "")
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
