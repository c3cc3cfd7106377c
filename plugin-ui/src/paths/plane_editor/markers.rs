//! The markers as they are drawn: which is chosen, and the one that a hand moves.

use std::sync::Arc;

use crate::Request;
use crate::paths::{MAX_MARKERS, MarkerView, PathRequest, PathsView, Place, SourceView};

/// A marker under the hand.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// How far the marker is from the pointer.
    lead: [f32; 2],
    has_moved: bool,
}

/// What the view keeps of the markers between frames.
#[derive(Debug, Default)]
pub struct Markers {
    markers: Vec<MarkerView>,
    /// What the plugin told last: only something else takes the place of what is drawn here.
    seen: Option<Arc<PathsView>>,
    selected: usize,
    held: Option<Held>,
    /// A marker was asked for: once it is there it is chosen, and its menu opens where this says so.
    awaited: Option<bool>,
    /// The menu of the chosen marker is to be opened.
    pub opens_menu: bool,
}

impl Markers {
    /// Takes the plugin's markers, if they are others and none is held.
    pub fn update(&mut self, view: &Arc<PathsView>) {
        let is_same = self.seen.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, view));
        let markers = &view.plane.markers;
        if is_same || (self.held.is_some() && markers.len() == self.markers.len()) {
            return;
        }
        if let Some(opens_menu) = self.awaited.filter(|_| markers.len() > self.markers.len()) {
            (self.selected, self.opens_menu, self.awaited) = (markers.len() - 1, opens_menu, None);
        }
        self.held = None;
        self.markers.clone_from(markers);
        self.markers.iter_mut().for_each(|marker| marker.place = held(marker.place));
        self.selected = self.selected.min(self.markers.len().saturating_sub(1));
        self.seen = Some(Arc::clone(view));
    }

    pub fn all(&self) -> &[MarkerView] {
        &self.markers
    }

    /// The chosen one's number; of none at all 0.
    pub fn selected(&self) -> usize {
        self.selected
    }

    pub fn chosen(&self) -> Option<&MarkerView> {
        self.markers.get(self.selected)
    }

    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    pub fn has_room(&self) -> bool {
        self.markers.len() < MAX_MARKERS
    }

    pub fn select(&mut self, number: usize) {
        self.selected = number.min(self.markers.len().saturating_sub(1));
    }

    /// The next marker or the one before, around the end.
    pub fn select_by(&mut self, by: isize) {
        let count = self.markers.len().max(1) as isize;
        self.selected = (self.selected as isize + by).rem_euclid(count) as usize;
    }

    /// Asks for a marker, where there is room for one; its menu opens once it is there.
    pub fn add(&mut self, place: Place, source: SourceView, requests: &mut Vec<Request>) {
        if self.has_room() {
            self.awaited = Some(true);
            ask(requests, PathRequest::AddMarker(MarkerView { place: held(place), source }));
        }
    }

    /// Asks for a marker with the moment that is heard.
    pub fn capture(&mut self, place: Place, requests: &mut Vec<Request>) {
        if self.has_room() {
            self.awaited = Some(false);
            ask(requests, PathRequest::CaptureMarker { place: held(place), number: None });
        }
    }

    /// Asks for a marker with the moment that is heard in the place of the chosen one.
    pub fn capture_again(&mut self, requests: &mut Vec<Request>) {
        let Some(place) = self.chosen().map(|marker| marker.place) else { return };
        ask(requests, PathRequest::CaptureMarker { place, number: Some(self.selected) });
    }

    /// Takes hold of a marker, from where the pointer is.
    pub fn hold(&mut self, number: usize, pointer: Place) {
        self.select(number);
        let Some(marker) = self.chosen() else { return };
        let lead = std::array::from_fn(|axis| marker.place[axis] - pointer[axis]);
        self.held = Some(Held { lead, has_moved: false });
    }

    /// The marker that is held goes with the pointer.
    pub fn pull(&mut self, pointer: Place, requests: &mut Vec<Request>) {
        let Some(grip) = &mut self.held else { return };
        let Some(marker) = self.markers.get_mut(self.selected) else { return };
        let place = held(std::array::from_fn(|axis| pointer[axis] + grip.lead[axis]));
        if place != marker.place {
            (marker.place, grip.has_moved) = (place, true);
            self.tell(false, requests);
        }
    }

    /// Lets go of it: where it is now is a step of undo.
    pub fn let_go(&mut self, requests: &mut Vec<Request>) {
        if self.held.take().is_some_and(|held| held.has_moved) {
            self.tell(true, requests);
        }
    }

    /// Moves the chosen one, as one step of undo.
    pub fn move_by(&mut self, change: [f32; 2], requests: &mut Vec<Request>) {
        let Some(marker) = self.markers.get_mut(self.selected) else { return };
        let place = held(std::array::from_fn(|axis| marker.place[axis] + change[axis]));
        if place != marker.place {
            marker.place = place;
            self.tell(true, requests);
        }
    }

    /// Lets the chosen one play something else.
    pub fn set_source(&mut self, source: SourceView, requests: &mut Vec<Request>) {
        if let Some(marker) = self.markers.get_mut(self.selected).filter(|marker| marker.source != source) {
            marker.source = source;
            self.tell(true, requests);
        }
    }

    /// Asks for the chosen one to be taken away.
    pub fn remove(&mut self, requests: &mut Vec<Request>) {
        if self.chosen().is_some() {
            self.held = None;
            ask(requests, PathRequest::RemoveMarker { number: self.selected });
        }
    }

    fn tell(&self, is_done: bool, requests: &mut Vec<Request>) {
        if let Some(marker) = self.chosen() {
            ask(requests, PathRequest::SetMarker { number: self.selected, marker: marker.clone(), is_done });
        }
    }
}

/// Adds something that concerns paths to what is asked for.
pub fn ask(requests: &mut Vec<Request>, request: PathRequest) {
    requests.push(Request::Path(request));
}

/// Within the plane; what is no number is the middle.
fn held(place: Place) -> Place {
    place.map(|axis| if axis.is_nan() { 0.5 } else { axis.clamp(0.0, 1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    fn taken() -> (Markers, Arc<PathsView>) {
        let (mut markers, view) = (Markers::default(), fake::paths().view);
        markers.update(&view);
        (markers, view)
    }

    fn with(view: &PathsView, markers: Vec<MarkerView>) -> Arc<PathsView> {
        let mut view = view.clone();
        view.plane.markers = markers;
        Arc::new(view)
    }

    #[test]
    fn the_selection_goes_around_and_stays_among_those_that_there_are() {
        let (mut markers, view) = taken();
        markers.select_by(-1);
        assert_eq!(markers.selected(), 4);
        markers.select_by(1);
        assert_eq!(markers.selected(), 0);
        markers.select(3);
        markers.update(&with(&view, view.plane.markers[..2].to_vec()));
        assert_eq!(markers.selected(), 1);
        markers.update(&with(&view, Vec::new()));
        markers.select_by(1);
        assert_eq!((markers.selected(), markers.chosen()), (0, None));
    }

    #[test]
    fn a_move_is_told_along_the_way_and_done_once() {
        let (mut markers, view) = taken();
        let mut requests = Vec::new();
        markers.hold(1, [0.70, 0.2]);
        markers.let_go(&mut requests);
        assert!(requests.is_empty(), "a click moves nothing");
        markers.hold(1, [0.70, 0.2]);
        markers.pull([0.60, 0.3], &mut requests);
        markers.pull([0.60, 0.3], &mut requests);
        // What the plugin answers meanwhile is older than the hand.
        markers.update(&with(&view, view.plane.markers.clone()));
        markers.pull([9.0, 0.3], &mut requests);
        markers.let_go(&mut requests);
        let told = requests.iter().map(|request| match request {
            Request::Path(PathRequest::SetMarker { number: 1, marker, is_done }) => (marker.place[0], *is_done),
            other => panic!("{other:?}"),
        });
        let told: Vec<(f32, bool)> = told.map(|(x, is_done)| ((x * 100.0).round() / 100.0, is_done)).collect();
        assert_eq!(told, [(0.65, false), (1.0, false), (1.0, true)]);
    }

    #[test]
    fn a_new_marker_is_chosen_once_it_is_there() {
        let (mut markers, view) = taken();
        let mut requests = Vec::new();
        markers.add([0.5, f32::NAN], SourceView::Live, &mut requests);
        let marker = MarkerView { place: [0.5, 0.5], source: SourceView::Live };
        assert_eq!(requests, [Request::Path(PathRequest::AddMarker(marker.clone()))]);
        let mut more = view.plane.markers.clone();
        more.push(marker);
        markers.update(&with(&view, more.clone()));
        assert_eq!((markers.selected(), markers.opens_menu), (5, true));
        while more.len() < MAX_MARKERS {
            more.push(more[0].clone());
        }
        markers.update(&with(&view, more));
        requests.clear();
        markers.add([0.5; 2], SourceView::Live, &mut requests);
        markers.capture([0.5; 2], &mut requests);
        assert!(requests.is_empty(), "there is no room");
    }

    #[test]
    fn a_moment_takes_the_place_of_the_chosen_marker() {
        let (mut markers, view) = taken();
        let mut requests = Vec::new();
        markers.select(1);
        markers.capture_again(&mut requests);
        let place = view.plane.markers[1].place;
        assert_eq!(requests, [Request::Path(PathRequest::CaptureMarker { place, number: Some(1) })]);
    }

    #[test]
    fn a_marker_that_is_taken_away_under_the_hand_is_let_go() {
        let (mut markers, view) = taken();
        let mut requests = Vec::new();
        markers.hold(4, [0.0; 2]);
        markers.update(&with(&view, Vec::new()));
        markers.pull([0.9; 2], &mut requests);
        markers.let_go(&mut requests);
        assert!(requests.is_empty() && !markers.is_held());
    }
}
