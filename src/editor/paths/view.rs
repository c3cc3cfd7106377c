//! A set of paths as the window draws it.

use std::sync::Arc;

use plugin_ui::paths::{Course, MarkerView, PATH_SLOTS, PathView, PathsView, PlaneView, SourceView, WalkPoint};

use super::steps;
use crate::latent::set::{MAX_PATHS, Slot};
use crate::latent::{Axis, LatentPath, PathSet, Plane, Source};
use crate::model::catalogue;
use crate::model::request::ModelRequest;

const _: () = assert!(PATH_SLOTS == MAX_PATHS);

/// Makes views, and keeps what of the last one is still true: the courses of a long path take some milliseconds.
#[derive(Default)]
pub struct Viewer {
    set: PathSet,
    wanted: Vec<ModelRequest>,
    view: Arc<PathsView>,
}

impl Viewer {
    /// The view of a set, while these models are asked for. Takes some milliseconds for each ten minutes of path that is new.
    pub fn view(&mut self, set: &PathSet, wanted: &[ModelRequest]) -> Arc<PathsView> {
        let is_same_model = self.wanted == wanted;
        if is_same_model && self.set == *set {
            return Arc::clone(&self.view);
        }
        let slots = std::array::from_fn(|n| {
            if let Some(reason) = set.unread(n) {
                return Some(Arc::new(unread(reason)));
            }
            let slot = set.slot(n)?;
            let before = self.set.slot(n).filter(|before| is_same_model && *before == slot);
            match (before, &self.view.slots[n]) {
                (Some(_), Some(view)) => Some(Arc::clone(view)),
                _ => Some(Arc::new(path_view(slot, wanted))),
            }
        });
        let note = set.remarks().into_iter().map(|(_, remark)| remark).collect::<Vec<_>>().join(" ");
        self.view = Arc::new(PathsView { slots, plane: plane_view(set.plane(), wanted), note });
        (self.set, self.wanted) = (set.clone(), wanted.to_vec());
        Arc::clone(&self.view)
    }
}

/// What holds a slot though nothing of it can be shown.
fn unread(reason: &str) -> PathView {
    let problem = format!("It cannot be read here ({reason}). The project keeps it.");
    PathView { name: "Unread".into(), problem, ..PathView::default() }
}

fn path_view(slot: &Slot, wanted: &[ModelRequest]) -> PathView {
    let (path, hops) = (&slot.path, slot.hops());
    let course = |axis: Axis| Course::new(hops.iter().map(|hop| axis.get(hop).unwrap_or(f32::NAN)).collect());
    let problem = match slot.fault() {
        Some(fault) => format!("It does not play: {fault}."),
        None => problem_of(path, wanted),
    };
    PathView {
        name: slot.name.clone(),
        model: path.model.name.clone(),
        problem,
        dims: path.dims,
        hop_s: path.hop_s(),
        hops: hops.len(),
        recorded_s: path.length_s(),
        courses: Axis::all(path.dims).map(course).collect(),
        steps: steps::shown(&slot.chain),
    }
}

/// Why a path does not play in any of the models asked for; empty where it does.
fn problem_of(path: &LatentPath, wanted: &[ModelRequest]) -> String {
    let named = || wanted.iter().filter(|model| !model.name.is_empty());
    let of = &path.model;
    if named().any(|model| of.agrees(&model.name, &model.hash) || catalogue::shares_latents(model, of)) {
        return String::new();
    }
    match named().next() {
        None => "It waits for a model.".into(),
        Some(other) if other.name == of.name => {
            format!("It was made with another version of “{}”, in which its latents mean something else.", of.name)
        }
        Some(other) => format!("It is of “{}”, and “{}” plays.", of.name, other.name),
    }
}

/// The captured moments of a plane, in the order of [`PlaneView::snapshots`].
pub fn snapshots(plane: &Plane) -> impl Iterator<Item = &LatentPath> {
    let sources = plane.corners.iter().flatten().chain(plane.markers.iter().map(|marker| &marker.source));
    sources.filter_map(|source| match source {
        Source::Snapshot(path) => Some(&**path),
        _ => None,
    })
}

fn plane_view(plane: &Plane, wanted: &[ModelRequest]) -> PlaneView {
    let mut captured = 0;
    let mut source = |source: &Source| match source {
        Source::Slot(n) => SourceView::Slot(*n),
        Source::Random(seed) => SourceView::Random(*seed),
        Source::Live => SourceView::Live,
        Source::Snapshot(_) => {
            captured += 1;
            SourceView::Snapshot(captured - 1)
        }
    };
    let corners = plane.corners.each_ref().map(|corner| corner.as_ref().map(&mut source));
    let markers = plane.markers.iter();
    let markers = markers.map(|marker| MarkerView { place: marker.place, source: source(&marker.source) }).collect();
    let walk = plane.walk.iter().map(|point| WalkPoint { time_s: point.time_s, place: point.place }).collect();
    let snapshots = snapshots(plane).map(|path| problem_of(path, wanted)).collect();
    PlaneView { corners, markers, snapshots, walk }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;
    use crate::latent::{Chain, Marker};

    #[test]
    fn a_view_says_what_does_not_play_and_is_made_anew_where_something_has_changed() {
        let moment = LatentPath { model: ModelRequest::named("horn"), ..path(1) };
        let snapshot = || Source::Snapshot(Box::new(moment.clone()));
        let plane = Plane {
            corners: [Some(Source::Slot(1)), None, Some(snapshot()), Some(Source::Live)],
            markers: vec![Marker { place: [0.2, 0.3], source: snapshot() }],
            ..Plane::default()
        };
        let set = PathSet::default().with_path(1, "sung", &path(90), &Chain::default()).unwrap().with_plane(&plane);
        let mut viewer = Viewer::default();
        let cello = [ModelRequest { name: "cello".into(), hash: "00ff".into() }, ModelRequest::named("")];
        let view = viewer.view(&set, &cello);
        let shown = view.slots[1].as_ref().unwrap();
        assert_eq!((shown.hops, shown.courses.len(), shown.problem.as_str()), (90, 7, ""));
        assert!(shown.courses[5].values()[3].is_nan(), "a hop without a pitch");
        assert_eq!(view.plane.corners[2], Some(SourceView::Snapshot(0)));
        assert_eq!(view.plane.markers[0].source, SourceView::Snapshot(1));
        assert_eq!(view.plane.snapshots, ["It is of “horn”, and “cello” plays."; 2]);
        let named = viewer.view(&set.with_copy(1, 3).unwrap(), &cello);
        assert!(Arc::ptr_eq(shown, named.slots[1].as_ref().unwrap()), "what is the same is kept");
        let other = viewer.view(&set, &[ModelRequest::named("flute")]);
        assert_eq!(other.slots[1].as_ref().unwrap().problem, "It is of “cello”, and “flute” plays.");
        let version = viewer.view(&set, &[ModelRequest { name: "cello".into(), hash: "beef".into() }]);
        assert!(version.slots[1].as_ref().unwrap().problem.contains("another version of “cello”"));
        assert!(viewer.view(&set, &[]).slots[1].as_ref().unwrap().problem.contains("waits for a model"));
    }
}
