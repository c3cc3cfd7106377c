//! Which parts of the library a case has reached: the counters that `rustc -C instrument-coverage` puts into the code, read in
//! the process itself. A build without them (`cargo xtask test`) finds nothing new and mutates all the same.

/// What has been reached so far.
#[derive(Default)]
pub struct Coverage {
    seen: Vec<bool>,
    count: usize,
}

impl Coverage {
    /// How many counters have been reached by any case so far.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether anything was reached since the last call that never had been before; it counts as reached from now on.
    pub fn has_grown(&mut self) -> bool {
        let fresh = self.fresh();
        for index in &fresh {
            self.seen[*index] = true;
        }
        self.count += fresh.len();
        !fresh.is_empty()
    }

    /// The same of several cases together: then they are to be tried one by one, and what they reach is new again.
    pub fn is_growing(&mut self) -> bool {
        let fresh = self.fresh();
        forget(&fresh);
        !fresh.is_empty()
    }

    fn fresh(&mut self) -> Vec<usize> {
        /// Most of the code is not reached by any one case: many counters are looked at at once.
        const CHUNK: usize = 16;
        let counters = counters();
        self.seen.resize(counters.len(), false);
        let mut fresh = Vec::new();
        for (at, (chunk, seen)) in counters.chunks(CHUNK).zip(self.seen.chunks(CHUNK)).enumerate() {
            if chunk.iter().fold(0, |any, counter| any | counter) == 0 {
                continue;
            }
            let unseen = chunk.iter().zip(seen).enumerate().filter(|(_, (counter, seen))| **counter != 0 && !**seen);
            fresh.extend(unseen.map(|(n, _)| at * CHUNK + n));
        }
        fresh
    }
}

#[cfg(fuzz_coverage)]
unsafe extern "C" {
    // Of LLVM's profiling runtime, which instrumented programs are linked with.
    fn __llvm_profile_begin_counters() -> *mut u64;
    fn __llvm_profile_end_counters() -> *mut u64;
}

#[cfg(fuzz_coverage)]
fn forget(fresh: &[usize]) {
    for index in fresh {
        // SAFETY: it is the index of a counter; see `counters`. A count that another thread adds meanwhile may be lost.
        unsafe { __llvm_profile_begin_counters().add(*index).write_volatile(0) };
    }
}

#[cfg(not(fuzz_coverage))]
fn forget(_: &[usize]) {}

#[cfg(fuzz_coverage)]
fn counters() -> &'static [u64] {
    // SAFETY: the section lies in this program from begin to end as long as it runs, and holds counters of 64 bits. The code
    // adds to them without locks, so that a read may be late by a count: what matters is whether it is zero.
    unsafe {
        let (begin, end) = (__llvm_profile_begin_counters(), __llvm_profile_end_counters());
        std::slice::from_raw_parts(begin, end.offset_from(begin) as usize)
    }
}

#[cfg(not(fuzz_coverage))]
fn counters() -> &'static [u64] {
    &[]
}
