//! What a request makes of a set of paths.

use std::sync::Arc;

use plugin_ui::paths::{MarkerView, PathRequest, SourceView, WalkPoint};

use super::steps;
use super::view::snapshots;
use crate::engine::Tape;
use crate::latent::interpolate::{self, Match, Share};
use crate::latent::set::Slot;
use crate::latent::sources::MAX_MARKERS;
use crate::latent::{Chain, Marker, PathSet, Plane, Source, chance};
use crate::model::Model;

/// A set becomes another one, or it is said why not, as a sentence.
pub type Change = Arc<dyn Fn(&PathSet) -> Result<PathSet, String> + Send + Sync>;

/// Loads the model that plays, for what only a model can make. Blocks.
pub type LoadModel = Arc<dyn Fn() -> Result<Box<dyn Model>, String> + Send + Sync>;

/// A change, and what it is called.
#[derive(Clone)]
pub struct Edit {
    /// In the words of undo.
    pub label: String,
    /// Whether it is a step of undo; otherwise the gesture goes on.
    pub is_done: bool,
    /// Whether it adds something that is not to be lost: it is done again where something else has come between.
    pub is_kept: bool,
    /// See [`Change`].
    pub change: Change,
}

impl Edit {
    /// One that is done at once.
    pub fn new(
        label: impl Into<String>,
        change: impl Fn(&PathSet) -> Result<PathSet, String> + Send + Sync + 'static,
    ) -> Self {
        Self { label: label.into(), is_done: true, is_kept: false, change: Arc::new(change) }
    }

    /// One that adds what is not to be lost.
    pub fn kept(
        label: impl Into<String>,
        change: impl Fn(&PathSet) -> Result<PathSet, String> + Send + Sync + 'static,
    ) -> Self {
        Self { is_kept: true, ..Self::new(label, change) }
    }

    fn still(self, is_done: bool) -> Self {
        Self { is_done, ..self }
    }

    fn of_plane(
        label: impl Into<String>,
        change: impl Fn(&mut Plane) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self::new(label, move |set| {
            set.check_plane()?;
            let mut plane = set.plane().clone();
            change(&mut plane)?;
            plane.check().map_err(|fault| format!("The plane stays as it is: {fault}."))?;
            Ok(set.with_plane(&plane))
        })
    }
}

/// What a request changes; `None` for one that changes nothing in the set, or not yet.
pub fn edit(request: PathRequest, tape: Option<&Tape>, load: &LoadModel) -> Option<Edit> {
    let load = Arc::clone(load);
    let (heard, listener) = (tape.and_then(Tape::snapshot), tape.and_then(Tape::listener));
    let heard = move || {
        let nothing = "Nothing is heard yet: play something, and capture it then.";
        heard.clone().ok_or_else(|| nothing.to_owned())
    };
    Some(match request {
        PathRequest::SetSteps { slot, steps, label, is_done } => {
            let chain = steps::chain(&steps);
            Edit::new(label, move |set| Ok(set.with_chain(slot, &chain))).still(is_done)
        }
        PathRequest::Rename { slot, name } => Edit::new("Rename path", move |set| Ok(set.with_name(slot, &name))),
        PathRequest::Clear { slot } => Edit::new(format!("Clear slot {}", slot + 1), move |set| Ok(set.without(slot))),
        PathRequest::Copy { from, to } => Edit::new("Copy path", move |set| set.with_copy(from, to)),
        PathRequest::Flatten { slot } => Edit::new("Flatten path", move |set| {
            let from = slot_of(set, slot)?;
            set.with_path(slot, &from.name, &from.bent_path(), &Chain::default())
        }),
        PathRequest::DrawRandom { slot, seconds, seed } => Edit::new("Random path", move |set| {
            let (request, shape) = match &listener {
                Some(listener) => listener.clone(),
                // Nothing plays yet.
                None => load().map(|model| (model.request(), model.shape().clone()))?,
            };
            let path = chance::random_walk(request, &shape, None, seconds, seed);
            set.with_path(slot, &format!("Random {seed}"), &path, &Chain::default())
        }),
        PathRequest::Interpolate { first, second, to } => Edit::new("Interpolate paths", move |set| {
            let (one, other) = (slot_of(set, first)?, slot_of(set, second)?);
            let name = format!("{} to {}", one.name, other.name);
            let between = interpolate::interpolate(&one.bent_path(), &other.bent_path(), Share::Along, Match::Stretch)
                .map_err(|reason| format!("Nothing lies between them: {reason}."))?;
            set.with_path(to, &name, &between, &Chain::default())
        }),
        PathRequest::SetCorner { corner, source } => Edit::of_plane("Corner", move |plane| {
            let source = source.as_ref().map(|source| self::source(source, plane)).transpose()?;
            set_corner(plane, corner, source)
        }),
        PathRequest::CaptureCorner { corner } => Edit::of_plane("Capture corner", move |plane| {
            set_corner(plane, corner, Some(Source::Snapshot(Box::new(heard()?))))
        }),
        PathRequest::AddMarker(marker) => Edit::of_plane("Marker", move |plane| {
            let marker = self::marker(&marker, plane)?;
            add_marker(plane, marker)
        }),
        PathRequest::CaptureMarker { place, number } => Edit::of_plane("Capture marker", move |plane| {
            let marker = Marker { place, source: Source::Snapshot(Box::new(heard()?)) };
            match number {
                Some(number) => set_marker(plane, number, marker),
                None => add_marker(plane, marker),
            }
        }),
        PathRequest::SetMarker { number, marker, is_done } => Edit::of_plane("Marker", move |plane| {
            let marker = self::marker(&marker, plane)?;
            set_marker(plane, number, marker)
        })
        .still(is_done),
        PathRequest::RemoveMarker { number } => Edit::of_plane("Remove marker", move |plane| {
            if number >= plane.markers.len() {
                return Err(no_marker());
            }
            plane.markers.remove(number);
            Ok(())
        }),
        PathRequest::SetWalk(points) => Edit::of_plane("Walk", move |plane| {
            let point = |point: &WalkPoint| crate::latent::WalkPoint { time_s: point.time_s, place: point.place };
            plane.walk = points.iter().map(point).collect();
            Ok(())
        }),
        PathRequest::Import { .. }
        | PathRequest::Export { .. }
        | PathRequest::Record(_)
        | PathRequest::StopRecording
        | PathRequest::CancelRecording => return None,
    })
}

fn slot_of(set: &PathSet, n: usize) -> Result<&Slot, String> {
    set.slot(n).ok_or_else(|| format!("There is no path in slot {}.", n + 1))
}

fn no_marker() -> String {
    "The marker is gone.".into()
}

fn source(view: &SourceView, plane: &Plane) -> Result<Source, String> {
    Ok(match *view {
        SourceView::Slot(n) => Source::Slot(n),
        SourceView::Random(seed) => Source::Random(seed),
        SourceView::Live => Source::Live,
        SourceView::Snapshot(n) => {
            let moment = snapshots(plane).nth(n).ok_or("The captured moment is gone.")?;
            Source::Snapshot(Box::new(moment.clone()))
        }
    })
}

fn marker(view: &MarkerView, plane: &Plane) -> Result<Marker, String> {
    Ok(Marker { place: view.place, source: source(&view.source, plane)? })
}

fn set_corner(plane: &mut Plane, corner: usize, source: Option<Source>) -> Result<(), String> {
    *plane.corners.get_mut(corner).ok_or("There is no such corner.")? = source;
    Ok(())
}

fn set_marker(plane: &mut Plane, number: usize, marker: Marker) -> Result<(), String> {
    *plane.markers.get_mut(number).ok_or_else(no_marker)? = marker;
    Ok(())
}

fn add_marker(plane: &mut Plane, marker: Marker) -> Result<(), String> {
    if plane.markers.len() >= MAX_MARKERS {
        return Err(format!("A plane has at most {MAX_MARKERS} markers: remove one, and try again."));
    }
    plane.markers.push(marker);
    Ok(())
}
