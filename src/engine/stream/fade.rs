//! Which models are heard, and how one gives way to another.

use std::f32::consts::FRAC_PI_2;

use super::super::part::Part;
use super::{Models, Stream, fits, heard};
use crate::controls::Controls;
use crate::model::Model;

/// How long a model that comes while another plays listens before it is heard: its window and its memory fill, seconds.
const WARM_UP_S: f64 = 0.25;

impl Stream {
    /// Gives every model that fits its part; false while there is no first one to play.
    pub(super) fn sync_parts(&mut self, models: &Models) -> bool {
        let (timing, channels) = (&self.timing, self.channels.len());
        let fill = |part: &mut Option<Part>, model: &Option<Box<dyn Model>>| {
            let shape = model.as_ref().map(|model| model.shape()).filter(|shape| fits(timing, shape));
            let is_other = part.as_ref().map(Part::shape) != shape;
            if is_other {
                *part = shape.map(|shape| Part::new(shape, channels, timing.delay_frames));
            }
            is_other
        };
        fill(&mut self.first, &models.first);
        fill(&mut self.second, &models.second);
        if fill(&mut self.next_first, &models.next_first) {
            self.unheard_hops = (WARM_UP_S * timing.model_rate_hz / timing.hop_frames as f64) as usize;
        }
        self.first.is_some()
    }

    /// Lets a model that is to take the first one's place listen, and fades over to it within a hop when it is ready.
    pub(super) fn warm_up(&mut self, models: &mut Models, controls: &Controls, runs: usize, second_share: f32) {
        let (Some(next), Some(model)) = (&mut self.next_first, &mut models.next_first) else { return };
        // What goes wrong while nobody hears it goes wrong again when somebody does, and is reported then.
        let _ = next.play(model.as_mut(), &heard(&self.channels, &self.side_in, runs), controls, &models.paths);
        self.unheard_hops = self.unheard_hops.saturating_sub(1);
        if self.unheard_hops > 0 {
            return;
        }
        let fade = (second_share * FRAC_PI_2).cos();
        for (index, channel) in self.channels.iter_mut().enumerate().take(runs) {
            let Some(old) = self.first.as_ref().map(|part| part.sound(index)) else { continue };
            let frames = channel.sum.len() as f32;
            for (n, (sum, (old, new))) in channel.sum.iter_mut().zip(old.iter().zip(next.sound(index))).enumerate() {
                *sum += fade * (new - old) * n as f32 / frames;
            }
        }
        self.new_first = Some((model.request(), model.shape().clone()));
        models.first = models.next_first.take();
        self.first = self.next_first.take();
    }

    /// Equal-power blend of both parts into each channel's sum, the share moving from `before` to `now` over the hop.
    pub(super) fn mix(&mut self, before: f32, now: f32, runs: usize) {
        for (index, channel) in self.channels.iter_mut().enumerate() {
            let Some(first) = self.first.as_ref().filter(|_| index < runs).map(|part| part.sound(index)) else {
                channel.sum.fill(0.0);
                continue;
            };
            let Some(second) = self.second.as_ref().filter(|_| before > 0.0 || now > 0.0) else {
                channel.sum.copy_from_slice(first);
                continue;
            };
            let gains = |share: f32| ((share * FRAC_PI_2).cos(), (share * FRAC_PI_2).sin());
            let ((from_first, from_second), (to_first, to_second)) = (gains(before), gains(now));
            let frames = channel.sum.len() as f32;
            for (n, (sum, (a, b))) in channel.sum.iter_mut().zip(first.iter().zip(second.sound(index))).enumerate() {
                let part = n as f32 / frames;
                *sum = a * (from_first + (to_first - from_first) * part)
                    + b * (from_second + (to_second - from_second) * part);
            }
        }
    }
}
