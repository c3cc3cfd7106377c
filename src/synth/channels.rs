//! What each MIDI channel holds beside its notes, with or without MPE.

use super::settings::SynthSettings;

/// One channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Channel {
    /// -1 to 1.
    pub bend: f32,
    /// Controller 1, 0 to 1.
    pub wheel: f32,
    /// Controller 74, 0 to 1.
    pub slide: f32,
    /// 0 to 1.
    pub pressure: f32,
    /// Controller 64 is down.
    pub is_sustained: bool,
}

/// All sixteen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Channels([Channel; 16]);

impl Channels {
    /// One of them; numbers beyond are taken for the last.
    pub fn of(&mut self, channel: u8) -> &mut Channel {
        &mut self.0[usize::from(channel.min(15))]
    }

    /// How far a note on a channel is bent, semitones.
    ///
    /// # Realtime
    /// Wait-free.
    pub fn bend(&self, channel: u8, settings: &SynthSettings<'_>) -> f32 {
        let own = self.0[usize::from(channel.min(15))].bend;
        match (settings.is_mpe, channel) {
            (true, 1..) => own * settings.mpe_range + self.0[0].bend * settings.bend_range,
            _ => own * settings.bend_range,
        }
    }

    /// A note's channel with what the master channel of MPE adds to it.
    pub fn seen_from(&self, channel: u8, is_mpe: bool) -> Channel {
        let own = self.0[usize::from(channel.min(15))];
        if !is_mpe || channel == 0 {
            return own;
        }
        let master = self.0[0];
        Channel {
            bend: own.bend,
            wheel: own.wheel.max(master.wheel),
            slide: own.slide.max(master.slide),
            pressure: own.pressure.max(master.pressure),
            is_sustained: own.is_sustained || master.is_sustained,
        }
    }

    /// Controllers as they are without any message, but pedals.
    pub fn centre(&mut self, channel: u8) {
        *self.of(channel) = Channel::default();
    }
}
