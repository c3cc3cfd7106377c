//! No allocation and no free while codes are described, matched and played.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::Path;

use timbreloom::codes::matcher::{Goal, Matcher};
use timbreloom::codes::path::PathSearch;
use timbreloom::codes::voice::{Play, Voice};
use timbreloom::dsp::descriptors::{Describer, Descriptor};
use timbreloom::model::codes_package::CodesPackage;
use timbreloom::model::codes_session::load_book;

struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending has no counter any more, and nothing to count.
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count();
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn calls_in(mut work: impl FnMut()) -> usize {
    let before = CALLS.get();
    work();
    CALLS.get() - before
}

#[test]
fn playing_matching_and_describing_leave_the_memory_alone() {
    let package = CodesPackage::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/horn-codes")).unwrap();
    let book = load_book(&package).unwrap();
    let goals = [Descriptor::Centroid, Descriptor::Fundamental].map(|descriptor| Goal { descriptor, weight: 1.0 });
    let matcher = Matcher::new(book.clone(), &goals);
    let mut search = PathSearch::new(matcher.clone(), 0.3, 8);
    let mut voice = Voice::new(book.clone(), 1);
    let mut describer = Describer::new(44_100.0, 512);
    let mut hop = vec![0.0; 512];
    let mut last = None;
    assert_eq!(
        calls_in(|| {
            for n in 0..50 {
                let wanted = [600.0 + 20.0 * n as f32, 200.0];
                let f0_hz = (n % 3 > 0).then_some(150.0 + 40.0 * n as f32);
                last = Some(matcher.nearest_to(last, &wanted, f0_hz));
                let code = search.next(&wanted, f0_hz).or(last).unwrap();
                let level_db = if n % 10 == 0 { f32::NEG_INFINITY } else { -20.0 };
                voice.next(Play { code, f0_hz: f0_hz.unwrap_or(220.0), level_db }, &mut hop);
                describer.next(&hop);
            }
            while search.finish().is_some() {}
            search.reset();
            voice.reset();
            describer.reset();
        }),
        0
    );
    // And the count does count.
    assert!(calls_in(|| drop(vec![1u8; 10])) >= 2);
}
