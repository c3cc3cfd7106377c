//! The grid in words, for a screen reader and for what is said beside the pointer.

use super::{Aspect, BeatView, Cell};

impl BeatView {
    /// What a step is.
    pub fn told(&self, cell: Cell) -> String {
        let step = self.step(cell);
        if !step.is_on() {
            return "silent".to_owned();
        }
        let mut words = vec![format!("velocity {}", step.velocity)];
        let others = [Aspect::Probability, Aspect::Ratchet, Aspect::Shift];
        for aspect in others.into_iter().filter(|aspect| aspect.of(&step) != aspect.range()[2]) {
            words.push(format!("{} {}", aspect.name().to_lowercase(), aspect.text(aspect.of(&step))));
        }
        words.join(", ")
    }

    /// A line as it may be written down: `x` where it sounds.
    pub fn written(&self, track: usize) -> String {
        self.line(track).played().iter().map(|step| if step.is_on() { 'x' } else { '.' }).collect()
    }
}
