//! The thread that listens and answers.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rosc::OscType;

use super::answer::{PLACE, PLAYED, PONG, RAW};
use super::door::{self, Door, PACKETS_IN_A_ROW};
use super::message::{self, OscAsk, OscNames};
use super::place::{OscError, OscPlace};
use super::report::OscReport;
use super::ring::ServerEnd;
use crate::controls::MAX_DIMS;
use crate::telemetry::{AtomicF32, Telemetry};

/// Between two looks at the socket, when nothing waits there.
const NAP: Duration = Duration::from_millis(2);

/// Between two looks at what was played.
const LOOK: Duration = Duration::from_millis(5);

/// What a server serves; the same for all that follow one another.
#[derive(Clone)]
pub struct OscService {
    end: Arc<Mutex<ServerEnd>>,
    names: Arc<OscNames>,
    telemetry: Arc<Telemetry>,
    report: Arc<OscReport>,
}

impl OscService {
    /// Of an instance.
    pub fn new(end: ServerEnd, names: OscNames, telemetry: &Arc<Telemetry>) -> Self {
        Self {
            end: Arc::new(Mutex::new(end)),
            names: Arc::new(names),
            telemetry: Arc::clone(telemetry),
            report: Arc::default(),
        }
    }

    /// What became of what came, since the instance was made.
    pub fn report(&self) -> &OscReport {
        &self.report
    }
}

/// Listens until it is dropped, or the audio thread's end of the ring is. Any thread but the audio thread.
pub struct OscServer {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    port: u16,
}

impl OscServer {
    /// Begins to listen. A server of the same service is to be dropped before.
    ///
    /// # Errors
    /// When the answers would come back, or the system refuses the port or a thread.
    pub fn start(place: OscPlace, service: &OscService) -> Result<Self, OscError> {
        let (socket, own) = door::bind(place)?;
        let is_over = Arc::new(AtomicBool::new(false));
        let (theirs, service) = (Arc::clone(&is_over), service.clone());
        let work = move || Session::new(socket, own, place.send_port, &service).run(&theirs, &mut service.end.lock());
        let thread = std::thread::Builder::new().name("timbreloom-osc".into()).spawn(work);
        let thread = thread.map_err(|error| place.failed(&error))?;
        Ok(Self { is_over, thread: Some(thread), port: own.port() })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for OscServer {
    /// Waits some milliseconds.
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It has nothing to tell.
            let _ = thread.join();
        }
    }
}

struct Session<'a> {
    door: Door,
    service: &'a OscService,
    /// See [`Telemetry::latents_since`].
    seen: u64,
    /// The place that the listener knows.
    told_place: Option<[f32; 2]>,
}

impl<'a> Session<'a> {
    fn new(socket: UdpSocket, own: SocketAddr, send_port: u16, service: &'a OscService) -> Self {
        Self {
            door: Door::new(socket, own, send_port, &service.report),
            service,
            // What was played before is not told.
            seen: service.telemetry.latents_since(u64::MAX, &mut Vec::new(), &mut Vec::new()),
            told_place: None,
        }
    }

    fn run(&mut self, is_over: &AtomicBool, end: &mut ServerEnd) {
        end.begin();
        let mut looked = Instant::now();
        let mut buffer = door::buffer();
        while !is_over.load(Ordering::Acquire) && !end.is_abandoned() {
            let is_more = (0..PACKETS_IN_A_ROW).all(|_| self.receive(&mut buffer, end));
            end.hand_on();
            let now = Instant::now();
            if now.duration_since(looked) >= LOOK {
                looked = now;
                self.tell(now);
            }
            if !is_more {
                std::thread::park_timeout(NAP);
            }
        }
        end.stop();
    }

    /// Reads a packet, if one waits; whether to look for the next one at once.
    fn receive(&mut self, buffer: &mut [u8], end: &mut ServerEnd) -> bool {
        let Some((packet, from)) = self.door.receive(buffer) else { return false };
        self.hear(packet, from, Instant::now(), end);
        true
    }

    fn hear(&mut self, packet: &[u8], from: SocketAddr, now: Instant, end: &mut ServerEnd) {
        for message in self.door.hear(packet, from, now) {
            match message::asks(&message, &self.service.names) {
                Ok(asks) => {
                    self.attend(from, now);
                    asks.into_iter().for_each(|ask| self.follow(ask, from, end));
                    self.service.report.note_taken();
                }
                Err(refusal) => self.door.refuse(&refusal, from, now),
            }
        }
    }

    fn follow(&self, ask: OscAsk, from: SocketAddr, end: &mut ServerEnd) {
        match ask {
            OscAsk::Ping => self.door.send(from, PONG, vec![OscType::String(env!("CARGO_PKG_VERSION").into())]),
            ask => end.ask(ask),
        }
    }

    /// Somebody has sent something that made sense, and hears what is played from now on.
    fn attend(&mut self, from: SocketAddr, now: Instant) {
        if self.door.attend(from, now) {
            self.told_place = None;
        }
    }

    /// Tells the listener what was played since the last look, and where on the plane.
    fn tell(&mut self, now: Instant) {
        let (mut raw, mut latents) = (Vec::new(), Vec::new());
        self.seen = self.service.telemetry.latents_since(self.seen, &mut raw, &mut latents);
        let Some(from) = self.door.listener(now) else { return };
        let dims = self.service.telemetry.model.lock().dims.min(MAX_DIMS);
        let numbers = |values: &[f32]| values.iter().copied().map(OscType::Float).collect();
        for (raw, latent) in raw.iter().zip(&latents).filter(|_| dims > 0) {
            self.door.send(from, RAW, numbers(&raw[..dims]));
            self.door.send(from, PLAYED, numbers(&latent[..dims]));
        }
        let place = self.service.telemetry.plane_place.each_ref().map(AtomicF32::load);
        if self.told_place != Some(place) {
            self.door.send(from, PLACE, numbers(&place));
        }
        self.told_place = Some(place);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use rosc::{OscMessage, OscPacket};

    use super::*;
    use crate::instance::effect_params::EffectParams;
    use crate::osc::answer::ANSWERS;
    use crate::osc::door::{MESSAGES_AT_ONCE, MESSAGES_PER_S};
    use crate::osc::{AudioEnd, MAX_PACKET_BYTES, OscCounts, ring};
    use crate::{instance, telemetry};

    /// What a server serves, and the audio thread's end.
    fn service(telemetry: &Arc<Telemetry>) -> (OscService, AudioEnd) {
        let (audio, end) = ring();
        let targets = EffectParams::default().kept.midi_map.targets().to_vec();
        (OscService::new(end, OscNames::new(instance::table(), &targets), telemetry), audio)
    }

    fn of_model(dims: usize) -> telemetry::ModelInfo {
        telemetry::ModelInfo { dims, ..telemetry::ModelInfo::default() }
    }

    fn bytes(address: &str, args: Vec<OscType>) -> Vec<u8> {
        rosc::encoder::encode(&OscPacket::Message(OscMessage { addr: address.into(), args })).unwrap()
    }

    /// One that nobody has, as far as is known.
    fn free_port() -> u16 {
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
    }

    /// A socket, and where it listens.
    fn socket() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let own = socket.local_addr().unwrap();
        (socket, own)
    }

    /// A server on a port that is free, the audio thread's end, and somebody who plays.
    struct Bench {
        server: OscServer,
        service: OscService,
        audio: AudioEnd,
        telemetry: Arc<Telemetry>,
        player: UdpSocket,
    }

    impl Bench {
        fn new() -> Self {
            Self::at(0, 0)
        }

        fn at(port: u16, send_port: u16) -> Self {
            let telemetry: Arc<Telemetry> = Arc::default();
            let (service, audio) = service(&telemetry);
            let place = OscPlace { address: Ipv4Addr::LOCALHOST.into(), port, send_port };
            let server = OscServer::start(place, &service).unwrap();
            let (player, _) = socket();
            player.connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
            Self { server, service, audio, telemetry, player }
        }

        fn say(&self, address: &str, args: Vec<OscType>) {
            self.player.send(&bytes(address, args)).unwrap();
        }

        /// The next answer to this address.
        #[track_caller]
        fn hear(&self, address: &str) -> Vec<OscType> {
            let mut buffer = [0; 4096];
            loop {
                let bytes = self.player.recv(&mut buffer).unwrap();
                let (_, packet) = rosc::decoder::decode_udp(&buffer[..bytes]).unwrap();
                let OscPacket::Message(message) = packet else { panic!("{packet:?}") };
                if message.addr == address {
                    return message.args;
                }
            }
        }

        /// The counts once they are so: what is counted may be felt before.
        #[track_caller]
        fn counts_when(&self, is_so: impl Fn(&OscCounts) -> bool) -> OscCounts {
            let began = Instant::now();
            loop {
                let counts = self.service.report().counts();
                if is_so(&counts) {
                    return counts;
                }
                assert!(began.elapsed() < Duration::from_secs(5), "they never are: {counts:?}");
                std::thread::sleep(Duration::from_millis(1));
            }
        }

        /// What the audio thread is asked next.
        #[track_caller]
        fn asked(&mut self) -> OscAsk {
            let began = Instant::now();
            loop {
                if let Some(ask) = self.audio.take() {
                    return ask;
                }
                assert!(
                    began.elapsed() < Duration::from_secs(5),
                    "nothing comes: {:?}",
                    self.service.report().counts()
                );
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    #[test]
    fn what_is_said_reaches_the_audio_thread_and_what_is_played_the_player() {
        let mut bench = Bench::new();
        bench.say("/timbreloom/share", vec!["mix".into(), 0.25.into()]);
        let OscAsk::Hold { share, .. } = bench.asked() else { panic!("a parameter is held") };
        assert_eq!(share, 0.25);
        bench.say("/timbreloom/latent", vec![0.5.into(), OscType::Int(-1)]);
        let OscAsk::Latent(Some(latent)) = bench.asked() else { panic!("a latent takes the place") };
        assert_eq!(latent[..3], [0.5, -1.0, 0.0]);
        assert!(bench.audio.is_on());
        bench.telemetry.set_model(of_model(2));
        bench.telemetry.note_latent(&[1.0; MAX_DIMS], &[2.0; MAX_DIMS]);
        assert_eq!(bench.hear("/timbreloom/raw"), [OscType::Float(1.0), OscType::Float(1.0)]);
        assert_eq!(bench.hear("/timbreloom/played"), [OscType::Float(2.0), OscType::Float(2.0)]);
        assert_eq!(bench.hear("/timbreloom/place"), [OscType::Float(0.5), OscType::Float(0.5)]);
        bench.telemetry.plane_place.iter().zip([0.125, 0.75]).for_each(|(axis, value)| axis.store(value));
        assert_eq!(bench.hear("/timbreloom/place"), [OscType::Float(0.125), OscType::Float(0.75)]);
        bench.say("/timbreloom/ping", vec![]);
        assert_eq!(bench.hear("/timbreloom/pong"), [OscType::String(env!("CARGO_PKG_VERSION").into())]);
        bench.counts_when(|counts| (counts.taken, counts.refused) == (3, 0));
    }

    #[test]
    fn what_makes_no_sense_is_counted_kept_and_answered_and_the_next_message_is_heard() {
        let mut bench = Bench::new();
        bench.player.send(b"hello").unwrap();
        let said = bench.hear("/timbreloom/error");
        let counts = bench.service.report().counts();
        assert_eq!((counts.refused, said), (1, vec![OscType::String(counts.last_refusal.clone())]));
        assert!(counts.last_refusal.starts_with("This packet is no OSC"), "{counts:?}");
        bench.player.send(&[0; MAX_PACKET_BYTES + 100]).unwrap();
        bench.say("/timbreloom/plane", vec![0.5.into(), 1.5.into()]);
        bench.say("/timbreloom/position", vec![1.0.into()]);
        assert!(matches!(bench.asked(), OscAsk::Hold { share: 1.0, .. }));
        let counts = bench.counts_when(|counts| (counts.refused, counts.taken) == (3, 1));
        assert!(counts.last_refusal.contains("“/timbreloom/plane”, argument 2"), "{counts:?}");
    }

    #[test]
    fn answers_that_come_back_are_counted_and_left_at_that() {
        let bench = Bench::new();
        for address in ANSWERS {
            bench.say(address, vec![0.5.into(), 0.5.into()]);
        }
        let last = "“/timbreloom/error” is an answer";
        let counts = bench.counts_when(|counts| counts.refused == 6 && counts.last_refusal.contains(last));
        assert_eq!(counts.taken, 0);
        bench.say("/timbreloom/ping", vec![]);
        let mut buffer = [0; 4096];
        let heard = bench.player.recv(&mut buffer).unwrap();
        assert_eq!(
            buffer[..heard],
            bytes("/timbreloom/pong", vec![env!("CARGO_PKG_VERSION").into()]),
            "nothing before"
        );
    }

    #[test]
    fn two_servers_that_answer_to_each_other_do_not_play_each_other() {
        let port = free_port();
        let mut first = Bench::at(0, port);
        let mut second = Bench::at(port, first.server.port());
        first.telemetry.set_model(of_model(2));
        first.say("/timbreloom/share", vec!["mix".into(), 0.5.into()]);
        first.asked();
        first.telemetry.note_latent(&[1.0; MAX_DIMS], &[2.0; MAX_DIMS]);
        // The place, what is played and what it comes from.
        second.counts_when(|counts| counts.refused == 3);
        first.say("/timbreloom/ping", vec![]);
        let counts = second.counts_when(|counts| counts.refused == 4);
        assert_eq!((counts.taken, second.audio.take()), (0, None), "{counts:?}");
        let counts = first.counts_when(|counts| counts.taken == 2);
        assert_eq!(counts.refused, 0, "{counts:?}");
    }

    #[test]
    fn a_packet_from_the_servers_own_socket_is_dropped() {
        let (service, mut audio) = service(&Arc::default());
        let share = bytes("/timbreloom/share", vec!["mix".into(), 0.5.into()]);
        let heard = |own: SocketAddr, from: SocketAddr, audio: &mut AudioEnd| {
            let mut session = Session::new(socket().0, own, 0, &service);
            session.hear(&share, from, Instant::now(), &mut service.end.lock());
            audio.take().is_some()
        };
        for (own, from, is_heard) in [
            ("127.0.0.1:9000", "127.0.0.1:9000", false),
            ("127.0.0.1:9000", "127.0.0.1:9001", true),
            ("0.0.0.0:9000", "127.0.0.1:9000", false),
            ("[::]:9000", "[::ffff:127.0.0.1]:9000", false),
            ("0.0.0.0:9000", "192.0.2.1:9000", true),
        ] {
            assert_eq!(heard(own.parse().unwrap(), from.parse().unwrap(), &mut audio), is_heard, "{own}, {from}");
        }
        let counts = service.report().counts();
        assert_eq!((counts.taken, counts.refused), (2, 3));
    }

    #[test]
    fn answers_that_would_come_back_keep_a_server_from_starting() {
        let (service, _audio) = service(&Arc::default());
        let port = free_port();
        let place = OscPlace { address: Ipv4Addr::LOCALHOST.into(), port, send_port: port };
        let error = OscServer::start(place, &service).err().unwrap().to_string();
        assert!(error.contains(&format!("answers would go to port {port}, where it listens itself")), "{error}");
    }

    #[test]
    fn who_is_elsewhere_hears_for_ten_seconds_after_each_message_and_who_is_here_for_ten_minutes() {
        let (service, _audio) = service(&Arc::default());
        let began = Instant::now();
        let at = |s: u64| began + Duration::from_secs(s);
        for (from, attention_s) in [("192.0.2.1:9", 10), ("127.0.0.1:9", 600), ("[::ffff:127.0.0.1]:9", 600)] {
            // Nothing leaves this computer by a socket of its loopback.
            let (socket, own) = socket();
            let mut session = Session::new(socket, own, 0, &service);
            let hears_at = |session: &mut Session<'_>, s| {
                session.tell(at(s));
                session.door.listener(at(s)).is_some()
            };
            session.attend(from.parse().unwrap(), at(0));
            assert!(hears_at(&mut session, attention_s - 1), "{from}");
            session.attend(from.parse().unwrap(), at(attention_s - 1));
            assert!(hears_at(&mut session, 2 * attention_s - 2), "{from}: a message renews it");
            assert!(!hears_at(&mut session, 2 * attention_s - 1), "{from}");
        }
    }

    #[test]
    fn what_was_played_before_a_server_began_is_not_told() {
        let telemetry: Arc<Telemetry> = Arc::default();
        telemetry.set_model(of_model(1));
        telemetry.note_latent(&[1.0; MAX_DIMS], &[1.0; MAX_DIMS]);
        let (service, _audio) = service(&telemetry);
        let ((socket_of_server, own), (player, from)) = (socket(), socket());
        let mut session = Session::new(socket_of_server, own, 0, &service);
        session.attend(from, Instant::now());
        session.tell(Instant::now());
        let mut buffer = [0; 4096];
        let (heard, _) = player.recv_from(&mut buffer).unwrap();
        assert_eq!(buffer[..heard], bytes(PLACE, vec![OscType::Float(0.5); 2]), "the place alone");
    }

    #[test]
    fn the_last_word_is_heard_however_long_the_host_has_asked_for_nothing() {
        let mut bench = Bench::new();
        // More than there is room for, no quicker than is heard.
        for n in 0..1000u64 {
            bench.say("/timbreloom/share", vec!["mix".into(), (n as f32 / 1000.0).into()]);
            std::thread::sleep(Duration::from_millis(1));
        }
        bench.say("/timbreloom/release", vec![]);
        let counts = bench.counts_when(|counts| counts.taken + counts.flooded == 1001);
        assert_eq!((counts.taken, counts.flooded), (1001, 0), "none is lost");
        let last = (0..1000).map(|_| bench.asked()).find(|ask| *ask == OscAsk::Release(None));
        assert!(last.is_some() && bench.audio.take().is_none());
    }

    #[test]
    fn a_flood_is_dropped_and_counted() {
        let mut bench = Bench::new();
        let began = Instant::now();
        for _ in 0..3000 {
            bench.say("/timbreloom/share", vec!["mix".into(), 0.5.into()]);
        }
        bench.say("/timbreloom/ping", vec![]);
        std::thread::sleep(Duration::from_millis(50));
        let asked = std::iter::from_fn(|| bench.audio.take()).count() as f64;
        let counts = bench.service.report().counts();
        let most = MESSAGES_AT_ONCE + MESSAGES_PER_S * began.elapsed().as_secs_f64();
        assert!(1.0 <= asked && asked <= most, "{asked} of {counts:?}, at most {most}");
        assert!(counts.flooded > 0, "{counts:?}");
    }

    #[test]
    fn a_server_ends_with_who_holds_it_or_with_the_audio_thread_and_lets_its_port_go() {
        let Bench { server, service, audio, .. } = Bench::new();
        let (port, began) = (server.port(), Instant::now());
        let place = OscPlace { address: Ipv4Addr::LOCALHOST.into(), port, send_port: 0 };
        let error = OscServer::start(place, &service).err().unwrap().to_string();
        assert!(error.contains(&format!("port {port} is in use")), "{error}");
        drop(server);
        assert!(began.elapsed() < Duration::from_secs(1));
        assert_eq!((audio.is_on(), audio.forgets()), (false, 1));
        let mut again = OscServer::start(place, &service).unwrap();
        drop(audio);
        again.thread.take().unwrap().join().unwrap();
    }
}
