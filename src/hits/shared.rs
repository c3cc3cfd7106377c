//! What worker, window and main thread know of the hits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use parking_lot::Mutex;

use super::kit::Kit;
use crate::drums::TRACKS;

/// Columns of a hit's picture.
pub const COLUMNS: usize = 200;

/// Hits of a track that are still known: more than it can play without having them made again.
const KNOWN: usize = 16;

/// A hit that was made for a track.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HitView {
    /// Which one: see [`crate::drums::recipe::Recipe::key`]; 0 before the first.
    pub key: u64,
    /// Lowest and highest sample of each column of its wave, at most [`COLUMNS`].
    pub columns: Vec<[f32; 2]>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Shared {
    kit: Mutex<Kit>,
    /// Counts kits and models: see [`crate::drums::recipe::Recipe::kit`].
    generation: AtomicU32,
    /// Counts models.
    models: AtomicU32,
    /// Whether the model is asked for a pitch.
    is_pitched: AtomicBool,
    /// The latest last.
    views: [Mutex<VecDeque<Arc<HitView>>>; TRACKS],
    fault: Mutex<String>,
}

impl Shared {
    /// Which kit and model hits are of now.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    /// How many models the worker has taken, and times that there was none any more. Any thread.
    pub fn models(&self) -> u32 {
        self.models.load(Ordering::Acquire)
    }

    /// Whether the model is asked for a pitch: see [`MachineSettings::ask_pitches`].
    ///
    /// [`MachineSettings::ask_pitches`]: crate::drums::machine::MachineSettings::ask_pitches
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn is_pitched(&self) -> bool {
        self.is_pitched.load(Ordering::Acquire)
    }

    /// Hits of before are others than those of now: another model plays, and has not failed yet.
    pub(super) fn begin_anew(&self, is_pitched: bool) {
        self.fault.lock().clear();
        self.is_pitched.store(is_pitched, Ordering::Release);
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.models.fetch_add(1, Ordering::AcqRel);
    }

    /// The kit. Any thread but the audio thread.
    pub fn kit(&self) -> Kit {
        self.kit.lock().clone()
    }

    /// Another kit. Any thread but the audio thread.
    pub fn set_kit(&self, kit: Kit) {
        let mut own = self.kit.lock();
        if *own != kit {
            *own = kit;
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// The hit that was last made for a track. Any thread but the audio thread.
    pub fn view(&self, track: usize) -> Arc<HitView> {
        self.views.get(track).and_then(|views| views.lock().back().map(Arc::clone)).unwrap_or_default()
    }

    /// A hit of a track by its key, of those that were made last. Any thread but the audio thread.
    pub fn view_of(&self, track: usize, key: u64) -> Option<Arc<HitView>> {
        self.views.get(track)?.lock().iter().rev().find(|view| view.key == key).map(Arc::clone)
    }

    pub(super) fn show(&self, track: usize, view: HitView) {
        if let Some(views) = self.views.get(track) {
            let mut views = views.lock();
            views.push_back(Arc::new(view));
            if views.len() > KNOWN {
                views.pop_front();
            }
        }
    }

    /// Why a hit could not be made by the model that plays, the latest reason, whatever has been made since; empty while it has made
    /// all. Any thread but the audio thread.
    pub fn fault(&self) -> String {
        self.fault.lock().clone()
    }

    /// A hit could not be made.
    pub(super) fn note_fault(&self, fault: String) {
        *self.fault.lock() = fault;
    }
}

/// Lowest and highest sample of each of [`COLUMNS`] equal parts of a sound.
pub(super) fn columns(frames: &[f32]) -> Vec<[f32; 2]> {
    let count = COLUMNS.min(frames.len());
    let part = |n: usize| &frames[n * frames.len() / count..(n + 1) * frames.len() / count];
    let ends = |part: &[f32]| part.iter().fold([0.0f32; 2], |[low, high], &sample| [low.min(sample), high.max(sample)]);
    (0..count).map(|n| ends(part(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_ends_of_all_parts() {
        let frames: Vec<f32> = (0..1000).map(|n| if n % 2 == 0 { n as f32 } else { -1.0 }).collect();
        let columns = columns(&frames);
        assert_eq!((columns.len(), columns[0], columns[199]), (200, [-1.0, 4.0], [-1.0, 998.0]));
        assert!(super::columns(&[]).is_empty());
        assert_eq!(super::columns(&[0.5]), [[0.0, 0.5]]);
    }

    #[test]
    fn the_last_hits_are_found_by_their_keys() {
        let shared = Shared::default();
        assert_eq!((shared.view(1).key, shared.view_of(1, 3)), (0, None));
        for key in 1..=KNOWN as u64 + 2 {
            shared.show(1, HitView { key, ..HitView::default() });
        }
        assert_eq!(shared.view(1).key, KNOWN as u64 + 2);
        assert_eq!([2, 3].map(|key| shared.view_of(1, key).map(|view| view.key)), [None, Some(3)]);
        assert_eq!(shared.view_of(0, 3), None);
        shared.show(TRACKS, HitView::default());
    }

    #[test]
    fn another_kit_makes_other_hits_and_the_same_does_not() {
        let shared = Shared::default();
        let mut kit = Kit::default();
        kit.set_own(1, &[0.5]);
        let before = shared.generation();
        shared.set_kit(kit.clone());
        assert_ne!(shared.generation(), before);
        let before = shared.generation();
        shared.set_kit(kit);
        assert_eq!(shared.generation(), before);
    }

    #[test]
    fn a_fault_is_told_until_another_model_plays() {
        let shared = Shared::default();
        shared.note_fault("It broke.".into());
        shared.show(1, HitView { key: 3, ..HitView::default() });
        shared.set_kit(Kit::from_json(&serde_json::json!([[0.5]])).unwrap());
        assert_eq!(shared.fault(), "It broke.");
        shared.begin_anew(false);
        assert_eq!(shared.fault(), "");
    }
}
