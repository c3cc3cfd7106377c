//! What instances of one package take, and leave.

use std::time::Instant;

use timbreloom::model::kinds::Package;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::{loader, pool};

use crate::common::package::shipped;
use crate::hops::{cores, play};

const INSTANCES: usize = 32;

/// Memory, MB.
#[derive(Clone, Copy)]
struct Memory {
    /// Allocated and not freed: exact.
    allocated: f64,
    /// What the system has given, without mapped files. Some 10 MB up or down from one round to the next: it is the
    /// allocator's choice what it gives back.
    resident: f64,
}

fn memory() -> Memory {
    // SAFETY: neither takes a pointer; the first returns free pages to the system, the second counts.
    let heap = unsafe {
        libc::malloc_trim(0);
        libc::mallinfo2()
    };
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: Vec<f64> = statm.split_whitespace().map(|field| field.parse().unwrap()).collect();
    Memory {
        allocated: (heap.uordblks + heap.hblkhd) as f64 / 1e6,
        // Resident less shared: a library's code comes into memory when it is first run, and is not ours.
        resident: (pages[1] - pages[2]) * 4096.0 / 1e6,
    }
}

/// Loads all instances, plays them and frees them; -> what is left then.
fn round(package: &Package, before: Memory) -> Memory {
    let mut models = Vec::new();
    let (mut figures, mut times) = (Vec::new(), Vec::new());
    for _ in 0..INSTANCES {
        let began = Instant::now();
        models.push(loader::load(package, &ProviderChoice::CPU).unwrap());
        times.push(1e3 * began.elapsed().as_secs_f64());
        figures.push(memory());
    }
    let sessions = cores().min(INSTANCES);
    assert_eq!(pool::shared(package.hash()), pool::Shared { instances: INSTANCES, sessions });
    let expected = play(models[0].as_mut(), 1);
    for model in &mut models[1..] {
        assert!(play(model.as_mut(), 1) == expected);
    }
    let played = memory();
    models.truncate(1);
    assert_eq!(pool::shared(package.hash()).instances, 1);
    models.clear();
    assert_eq!(pool::shared(package.hash()), pool::Shared::default());
    let after = memory();
    let of = |now: Memory| format!("{:.2} ({:.1})", now.allocated - before.allocated, now.resident - before.resident);
    let further = figures[INSTANCES - 1].allocated - figures[sessions - 1].allocated;
    let further = further / (INSTANCES - sessions).max(1) as f64;
    println!(
        "MB allocated (resident): first {} in {:.0} ms, all {sessions} sessions {} in {:.0} ms more each, each \
         instance beyond {further:.3} in {:.2} ms, all {}, after playing {}, left {}",
        of(figures[0]),
        times[0],
        of(figures[sessions - 1]),
        times[sessions - 1],
        times[INSTANCES - 1],
        of(figures[INSTANCES - 1]),
        of(played),
        of(after),
    );
    assert!(further < 0.6, "{further} MB for each further instance");
    after
}

/// Measures rounds of one model's instances; nothing else runs in the process.
pub fn measure(name: &str) {
    let package = Package::open(&shipped(name)).unwrap();
    // What ONNX Runtime keeps for the life of the process, it takes in the first round.
    let first = round(&package, memory());
    let last = (0..4).fold(first, |before, _| round(&package, before));
    println!("measured");
    // One instance that stays costs 0.26 MB in each round, a session 3 MB or more.
    let left = last.allocated - first.allocated;
    assert!(left < 0.5, "{left} MB are left after four rounds");
    let left = last.resident - first.resident;
    assert!(left < 20.0, "{left} MB are left to the system after four rounds");
}
