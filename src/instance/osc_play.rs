//! What OSC does to the sound: it holds parameters as MIDI controllers do ([`super::midi_play`]), and may put a latent in the
//! encoder's place.
//!
//! A reset, another project and whole settings let go of all of it, and so does a server that stops. A bounce does not hear OSC, and
//! lets go of what OSC holds: it would depend on what came how quickly. Some hosts begin one without a reset.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::sync::Arc;

use super::effect_params::{EffectParams, table};
use super::midi_map::MidiMap;
use super::midi_play::MidiPlay;
use crate::controls::MAX_DIMS;
use crate::osc::{AudioEnd, OscAsk, OscNames, OscService, ring};
use crate::telemetry::Telemetry;

/// OSC's side of an instance. Belongs to the audio thread; allocates in `new` only.
pub struct OscPlay {
    end: AudioEnd,
    map: MidiMap,
    latent: Option<[f32; MAX_DIMS]>,
    /// See [`AudioEnd::forgets`].
    forgets: u64,
    /// See [`MidiMap::let_go_of_all`].
    generation: u32,
}

impl OscPlay {
    /// Of an instance, whose settings say from now on whether a server listens. Allocates.
    pub fn new(params: &EffectParams, telemetry: &Arc<Telemetry>) -> Self {
        let (end, to_audio) = ring();
        let map = params.kept.midi_map.clone();
        params.own.osc.attach(OscService::new(to_audio, OscNames::new(table(), map.targets()), telemetry));
        Self { forgets: end.forgets(), end, generation: map.generation(), map, latent: None }
    }

    /// Forgets what waits, and lets go of all with the next block.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn reset(&mut self) {
        self.end.forget();
    }

    /// Does what was asked for since the last block; in a bounce that is forgotten, and what was done before is let go. What MIDI
    /// controllers hold is theirs. To be called at the start of a block, after [`MidiPlay::settle`].
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn take(&mut self, midi: &mut MidiPlay, is_bounce: bool) {
        let generation = self.map.generation();
        if std::mem::replace(&mut self.generation, generation) != generation || is_bounce {
            self.reset();
        }
        let forgets = self.end.forgets();
        if std::mem::replace(&mut self.forgets, forgets) != forgets {
            midi.release(None);
            self.latent = None;
        }
        // What comes from here on is forgotten with the next block.
        if is_bounce {
            return;
        }
        for _ in 0..self.end.waiting() {
            match self.end.take() {
                Some(OscAsk::Hold { target, share }) => midi.hold(target, share),
                Some(OscAsk::Release(target)) => midi.release(target),
                Some(OscAsk::Latent(latent)) => self.latent = latent,
                // The server has answered.
                Some(OscAsk::Ping) | None => {}
            }
        }
    }

    /// What takes the encoder's place, standard deviations.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn latent(&self) -> Option<[f32; MAX_DIMS]> {
        self.latent
    }

    /// Whether a server listens: then the next block may be played otherwise than this one.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn is_on(&self) -> bool {
        self.end.is_on()
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test waits for a server")]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};
    use std::time::{Duration, Instant};

    use rosc::{OscMessage, OscPacket, OscType};

    use super::*;
    use crate::instance::midi_map::Mapping;
    use crate::instance::midi_play::Heard;
    use crate::osc::{OscPlace, OscSettings};

    /// An instance that listens on a port that is free, and somebody who plays it.
    struct Bench {
        params: Arc<EffectParams>,
        midi: MidiPlay,
        play: OscPlay,
        player: UdpSocket,
    }

    impl Bench {
        fn new() -> Self {
            let params = Arc::new(EffectParams::default());
            let play = OscPlay::new(&params, &Arc::default());
            let place = OscPlace { address: Ipv4Addr::LOCALHOST.into(), port: 0, send_port: 0 };
            let port = params.own.osc.serve(place).unwrap();
            let player = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            player.connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            Self { midi: MidiPlay::new(&params), params, play, player }
        }

        fn say(&mut self, address: &str, args: Vec<OscType>) {
            let message = OscPacket::Message(OscMessage { addr: address.into(), args });
            self.player.send(&rosc::encoder::encode(&message).unwrap()).unwrap();
            let began = Instant::now();
            while self.play.end.waiting() == 0 {
                assert!(began.elapsed() < Duration::from_secs(5), "{:?}", self.params.own.osc.status());
                std::thread::sleep(Duration::from_millis(1));
            }
        }

        fn block(&mut self, is_bounce: bool) {
            self.midi.settle();
            self.play.take(&mut self.midi, is_bounce);
        }

        fn mix(&self) -> (f32, Option<f32>) {
            (self.midi.value(&self.params.mix), self.params.kept.midi_map.held("mix"))
        }
    }

    fn mix_at(percent: f32) -> Vec<OscType> {
        vec!["mix".into(), percent.into()]
    }

    #[test]
    fn what_is_said_is_held_from_the_next_block_on_and_the_hosts_own_value_stays() {
        let mut bench = Bench::new();
        bench.say("/timbreloom/param", mix_at(25.0));
        assert_eq!(bench.mix(), (1.0, None), "not yet");
        bench.block(false);
        assert_eq!((bench.mix(), bench.params.mix.value()), ((0.25, Some(0.25)), 1.0));
        bench.say("/timbreloom/release", vec!["mix".into()]);
        bench.block(false);
        assert_eq!(bench.mix(), (1.0, None));
    }

    #[test]
    fn the_last_touch_wins_be_it_a_controllers_the_hosts_or_a_messages() {
        let mut bench = Bench::new();
        bench.params.kept.midi_map.set_mapping(&Mapping::new("mix", 1)).unwrap();
        bench.say("/timbreloom/param", mix_at(25.0));
        bench.block(false);
        bench.midi.turn(0, 1, 0.75);
        bench.block(false);
        assert_eq!(bench.mix(), (0.75, Some(0.75)));
        bench.say("/timbreloom/release", vec![]);
        bench.block(false);
        assert_eq!(bench.mix(), (0.75, Some(0.75)), "what a controller holds is the controller's");
        bench.say("/timbreloom/param", mix_at(50.0));
        bench.block(false);
        assert_eq!(bench.mix(), (0.5, Some(0.5)));
        crate::instance::param_set::ParamSet::new(bench.params.clone()).get("mix").unwrap().set(0.125);
        bench.block(false);
        assert_eq!(bench.mix(), (0.125, None));
    }

    #[test]
    fn a_controller_with_soft_takeover_has_to_come_to_what_is_heard() {
        let mut bench = Bench::new();
        bench.params.kept.midi_map.set_mapping(&Mapping::new("mix", 1)).unwrap();
        bench.params.kept.midi_map.set_soft_takeover(true);
        bench.say("/timbreloom/param", mix_at(25.0));
        bench.block(false);
        for (turned, heard) in [(0.9, 0.25), (0.5, 0.25), (0.2, 0.2)] {
            bench.midi.turn(0, 1, turned);
            assert_eq!(bench.mix(), (heard, Some(heard)));
        }
    }

    #[test]
    fn a_latent_is_there_until_it_is_taken_back_or_the_server_or_the_project_goes() {
        let latent = || vec![0.5f32.into(), OscType::Float(-1.0)];
        let ends: [fn(&mut Bench); 4] = [
            |bench| bench.say("/timbreloom/latent", vec![]),
            |bench| bench.params.own.osc.put(OscSettings::default()),
            |bench| bench.params.kept.midi_map.let_go_of_all(),
            |bench| bench.play.reset(),
        ];
        for end in ends {
            let mut bench = Bench::new();
            bench.say("/timbreloom/latent", latent());
            bench.block(false);
            assert_eq!(bench.play.latent().map(|latent| (latent[0], latent[1], latent[2])), Some((0.5, -1.0, 0.0)));
            end(&mut bench);
            bench.block(false);
            assert_eq!(bench.play.latent(), None);
        }
    }

    #[test]
    fn a_bounce_that_begins_without_a_reset_lets_go_of_what_osc_holds_and_of_that_alone() {
        let mut bench = Bench::new();
        bench.params.kept.midi_map.set_mapping(&Mapping::new("amount", 1)).unwrap();
        bench.say("/timbreloom/param", mix_at(25.0));
        bench.block(false);
        bench.say("/timbreloom/latent", vec![0.5f32.into()]);
        bench.block(false);
        bench.midi.turn(0, 1, 0.75);
        assert_eq!((bench.mix(), bench.play.latent().is_some()), ((0.25, Some(0.25)), true));
        bench.block(true);
        assert_eq!((bench.mix(), bench.play.latent()), ((1.0, None), None));
        assert_eq!(bench.midi.value(&bench.params.amount), 0.75, "what a controller holds is the controller's");
        bench.say("/timbreloom/param", mix_at(50.0));
        for is_bounce in [true, false] {
            bench.block(is_bounce);
            assert_eq!(bench.mix(), (1.0, None), "nothing of a bounce's time is heard");
        }
        bench.say("/timbreloom/param", mix_at(50.0));
        bench.block(false);
        assert_eq!(bench.mix(), (0.5, Some(0.5)), "OSC is heard again");
    }

    #[test]
    fn a_server_that_stops_lets_go_of_what_it_held_and_a_bounce_hears_nothing() {
        let mut bench = Bench::new();
        bench.say("/timbreloom/param", mix_at(25.0));
        bench.block(false);
        assert!(bench.play.is_on());
        bench.params.own.osc.put(OscSettings::default());
        bench.block(false);
        assert_eq!((bench.mix(), bench.play.is_on()), ((1.0, None), false));
        let mut bench = Bench::new();
        bench.say("/timbreloom/param", mix_at(25.0));
        bench.block(true);
        bench.block(false);
        assert_eq!(bench.mix(), (1.0, None));
    }
}
