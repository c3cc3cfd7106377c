//! What lies on the plane, in words: corners and markers, and what is heard there.

use super::weighing::{CORNERS, Weighing};
use crate::paths::{MarkerView, PathsView, Place, SourceView};

/// Where the corners are, as the window calls them.
pub const CORNER_NAMES: [&str; 4] = ["below left", "below right", "above left", "above right"];

/// A corner or a marker, as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    pub place: Place,
    /// What is heard there; `None`: nothing.
    pub source: Option<SourceView>,
    /// Whether it counts: an empty one does not, nor one that cannot play.
    pub plays: bool,
}

/// What is weighed: the markers by the terrain, if there are any, or else the corners.
pub fn spots(weighing: Weighing, view: &PathsView, markers: &[MarkerView]) -> Vec<Spot> {
    let spot = |place, source: Option<SourceView>| {
        let plays = source.as_ref().is_some_and(|source| problem(source, view).is_none());
        Spot { place, source, plays }
    };
    if has_markers(weighing, markers) {
        return markers.iter().map(|marker| spot(marker.place, Some(marker.source.clone()))).collect();
    }
    CORNERS.into_iter().zip(&view.plane.corners).map(|(place, source)| spot(place, source.clone())).collect()
}

/// Whether it is the markers that are weighed.
pub fn has_markers(weighing: Weighing, markers: &[MarkerView]) -> bool {
    weighing == Weighing::Terrain && !markers.is_empty()
}

/// What a corner or a marker is called by what is in it.
pub fn name(source: Option<&SourceView>, view: &PathsView) -> String {
    match source {
        Some(SourceView::Slot(slot)) => slot_name(*slot, view),
        Some(SourceView::Snapshot(_)) => "Moment".to_owned(),
        Some(SourceView::Random(seed)) => format!("Random {seed}"),
        Some(SourceView::Live) => "Input".to_owned(),
        None => "Empty".to_owned(),
    }
}

/// The number of a slot and the name of its path.
pub fn slot_name(slot: usize, view: &PathsView) -> String {
    match view.slots.get(slot).and_then(Option::as_ref) {
        Some(path) => format!("{}  {}", slot + 1, path.name),
        None => format!("{}  Empty slot", slot + 1),
    }
}

/// A letter or a number for a marker that has no room for more.
pub fn sign(source: &SourceView) -> String {
    match source {
        SourceView::Slot(slot) => (slot + 1).to_string(),
        SourceView::Snapshot(_) => "M".to_owned(),
        SourceView::Random(_) => "R".to_owned(),
        SourceView::Live => "I".to_owned(),
    }
}

/// Why a source is not heard, in a sentence; `None` for one that is.
pub fn problem(source: &SourceView, view: &PathsView) -> Option<String> {
    match source {
        SourceView::Slot(slot) => match view.slots.get(*slot).and_then(Option::as_ref) {
            Some(path) => Some(path.problem.clone()).filter(|problem| !problem.is_empty()),
            None => Some(format!("Slot {} is empty.", slot + 1)),
        },
        SourceView::Snapshot(number) => view.plane.snapshots.get(*number).filter(|text| !text.is_empty()).cloned(),
        SourceView::Random(_) | SourceView::Live => None,
    }
}

/// What a new marker plays: the first path that there is, or a random latent.
pub fn first(view: &PathsView, seed: u32) -> SourceView {
    match view.slots.iter().position(Option::is_some) {
        Some(slot) => SourceView::Slot(slot),
        None => SourceView::Random(seed),
    }
}

/// A throw of the dice that differs from the last one, 1 to 9999.
pub fn throw(now_s: f64, last: Option<&SourceView>) -> u32 {
    let bits = now_s.to_bits() ^ 0x9e37_79b9_7f4a_7c15;
    let mixed = bits.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = ((mixed ^ (mixed >> 31)) % 9999) as u32 + 1;
    if last == Some(&SourceView::Random(seed)) { seed % 9999 + 1 } else { seed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn sources_are_named_by_what_is_in_them() {
        let view = &fake::paths().view;
        let names = [SourceView::Slot(0), SourceView::Slot(2), SourceView::Snapshot(0), SourceView::Random(7)];
        let names: Vec<String> = names.iter().map(|source| name(Some(source), view)).collect();
        assert_eq!(names, ["1  Sung phrase", "3  Empty slot", "Moment", "Random 7"]);
        assert_eq!([name(Some(&SourceView::Live), view), name(None, view)], ["Input", "Empty"]);
    }

    #[test]
    fn what_cannot_play_says_why_and_does_not_count() {
        let mut paths = fake::paths().view.as_ref().clone();
        paths.plane.snapshots[1] = "This moment is of \u{201c}horn\u{201d}.".into();
        assert_eq!(problem(&SourceView::Slot(2), &paths).as_deref(), Some("Slot 3 is empty."));
        assert!(problem(&SourceView::Slot(3), &paths).is_some_and(|text| text.contains("horn")));
        paths.plane.corners[1] = None;
        paths.plane.corners[2] = Some(SourceView::Slot(3));
        let plays = |weighing| -> Vec<bool> {
            spots(weighing, &paths, &paths.plane.markers).iter().map(|spot| spot.plays).collect()
        };
        assert_eq!(plays(Weighing::Lines), [true, false, false, true]);
        assert_eq!(plays(Weighing::Terrain), [true, true, true, true, false]);
    }

    #[test]
    fn without_markers_the_corners_are_the_markers() {
        let paths = fake::paths();
        let places: Vec<Place> = spots(Weighing::Terrain, &paths.view, &[]).iter().map(|spot| spot.place).collect();
        assert_eq!(places, CORNERS);
    }

    #[test]
    fn dice_never_give_the_same_twice_in_a_row() {
        for n in 0..200 {
            let now_s = f64::from(n) / 60.0;
            let seed = throw(now_s, None);
            assert!((1..=9999).contains(&seed) && throw(now_s, Some(&SourceView::Random(seed))) != seed);
        }
        assert_ne!(throw(1.0, None), throw(1.5, None));
    }
}
