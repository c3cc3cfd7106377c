//! The thread that listens and answers.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rosc::{OscMessage, OscPacket, OscType};

use super::flood::Bucket;
use super::message::{self, LATENT, MAX_PACKET_BYTES, OscAsk, OscNames, OscRefusal};
use super::place::{OscError, OscPlace};
use super::report::OscReport;
use super::ring::ServerEnd;
use crate::controls::MAX_DIMS;
use crate::telemetry::{AtomicF32, Telemetry};

/// Messages that are heard in a second, and at once.
const MESSAGES_PER_S: f64 = 2000.0;
const MESSAGES_AT_ONCE: f64 = 200.0;

/// Answers to what is refused, in a second.
const REFUSALS_PER_S: f64 = 4.0;

/// Between two looks at the socket, when nothing waits there.
const NAP: Duration = Duration::from_millis(2);

/// Between two looks at what was played.
const LOOK: Duration = Duration::from_millis(5);

/// Packets that are read in a row before anything else is looked at.
const PACKETS_IN_A_ROW: usize = 64;

/// Who has sent nothing that made sense for so long hears no more.
const ATTENTION: Duration = Duration::from_mins(10);

const PONG: &str = "/timbreloom/pong";
const RAW: &str = "/timbreloom/raw";
const PLACE: &str = "/timbreloom/place";
const ERROR: &str = "/timbreloom/error";

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
    /// When the system refuses the port or a thread.
    pub fn start(place: OscPlace, service: &OscService) -> Result<Self, OscError> {
        let failed = |error: std::io::Error| place.failed(&error);
        let socket = UdpSocket::bind((place.address, place.port)).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let port = socket.local_addr().map_err(failed)?.port();
        let is_over = Arc::new(AtomicBool::new(false));
        let (theirs, service) = (Arc::clone(&is_over), service.clone());
        let work = move || Session::new(socket, place.send_port, &service).run(&theirs, &mut service.end.lock());
        let thread = std::thread::Builder::new().name("timbreloom-osc".into()).spawn(work).map_err(failed)?;
        Ok(Self { is_over, thread: Some(thread), port })
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

/// Who hears what is played: the last one who sent something that made sense.
#[derive(Clone, Copy)]
struct Listener {
    from: SocketAddr,
    since: Instant,
}

struct Session<'a> {
    socket: UdpSocket,
    send_port: u16,
    service: &'a OscService,
    heard: Bucket,
    refusals: Bucket,
    listener: Option<Listener>,
    /// See [`Telemetry::latents_since`].
    seen: u64,
    /// The place that the listener knows.
    told_place: Option<[f32; 2]>,
}

impl<'a> Session<'a> {
    fn new(socket: UdpSocket, send_port: u16, service: &'a OscService) -> Self {
        let now = Instant::now();
        Self {
            socket,
            send_port,
            service,
            heard: Bucket::new(MESSAGES_PER_S, MESSAGES_AT_ONCE, now),
            refusals: Bucket::new(REFUSALS_PER_S, 1.0, now),
            listener: None,
            seen: 0,
            told_place: None,
        }
    }

    fn run(&mut self, is_over: &AtomicBool, end: &mut ServerEnd) {
        end.begin();
        let mut looked = Instant::now();
        // A byte more than is read: what fills it is too long.
        let mut buffer = [0; MAX_PACKET_BYTES + 1];
        while !is_over.load(Ordering::Acquire) && !end.is_abandoned() {
            let is_more = (0..PACKETS_IN_A_ROW).all(|_| self.receive(&mut buffer, end));
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
        match self.socket.recv_from(buffer) {
            Ok((bytes, from)) => {
                self.hear(&buffer[..bytes], from, Instant::now(), end);
                true
            }
            // Nothing waits; or Windows tells that one who was answered is gone, or that a packet was longer than the buffer.
            Err(_) => false,
        }
    }

    fn hear(&mut self, packet: &[u8], from: SocketAddr, now: Instant, end: &mut ServerEnd) {
        let service = self.service;
        if self.heard.take(1, now) == 0 {
            return service.report.note_flooded(1);
        }
        let messages = match message::messages(packet) {
            Ok(messages) => messages,
            Err(refusal) => return self.refuse(&refusal, from, now),
        };
        let followed = 1 + self.heard.take(messages.len().saturating_sub(1), now);
        service.report.note_flooded(messages.len().saturating_sub(followed));
        for message in messages.iter().take(followed) {
            match message::asks(message, &service.names) {
                Ok(asks) => {
                    self.attend(from, now);
                    // What finds no room came quicker than the audio thread asks for it.
                    match asks.into_iter().all(|ask| self.follow(ask, from, end)) {
                        true => service.report.note_taken(),
                        false => service.report.note_flooded(1),
                    }
                }
                Err(refusal) => self.refuse(&refusal, from, now),
            }
        }
    }

    fn follow(&self, ask: OscAsk, from: SocketAddr, end: &mut ServerEnd) -> bool {
        if ask == OscAsk::Ping {
            self.send(from, PONG, vec![OscType::String(env!("CARGO_PKG_VERSION").into())]);
            return true;
        }
        end.ask(ask)
    }

    /// Somebody has sent something that made sense, and hears what is played from now on.
    fn attend(&mut self, from: SocketAddr, now: Instant) {
        if self.listener.is_none_or(|before| before.from != from) {
            self.told_place = None;
        }
        self.listener = Some(Listener { from, since: now });
    }

    /// Counts what was not followed, and says why: to this computer's own programs, and to the one who listens.
    fn refuse(&mut self, refusal: &OscRefusal, from: SocketAddr, now: Instant) {
        let why = refusal.to_string();
        self.service.report.note_refused(&why);
        let is_known = self.listener.is_some_and(|listener| listener.from.ip() == from.ip());
        if (is_known || from.ip().is_loopback()) && self.refusals.take(1, now) == 1 {
            self.send(from, ERROR, vec![OscType::String(why)]);
        }
    }

    /// Tells the listener what was played since the last look, and where on the plane.
    fn tell(&mut self, now: Instant) {
        let (mut raw, mut latents) = (Vec::new(), Vec::new());
        self.seen = self.service.telemetry.latents_since(self.seen, &mut raw, &mut latents);
        self.listener = self.listener.filter(|listener| now.duration_since(listener.since) < ATTENTION);
        let Some(Listener { from, .. }) = self.listener else { return };
        let dims = self.service.telemetry.model.lock().dims.min(MAX_DIMS);
        let numbers = |values: &[f32]| values.iter().copied().map(OscType::Float).collect();
        for (raw, latent) in raw.iter().zip(&latents).filter(|_| dims > 0) {
            self.send(from, RAW, numbers(&raw[..dims]));
            self.send(from, LATENT, numbers(&latent[..dims]));
        }
        let place = self.service.telemetry.plane_place.each_ref().map(AtomicF32::load);
        if self.told_place != Some(place) {
            self.send(from, PLACE, numbers(&place));
        }
        self.told_place = Some(place);
    }

    /// To the port for answers of the computer that a packet came from.
    fn send(&self, from: SocketAddr, address: &str, args: Vec<OscType>) {
        let port = if self.send_port == 0 { from.port() } else { self.send_port };
        let packet = OscPacket::Message(OscMessage { addr: address.into(), args });
        if let Ok(bytes) = rosc::encoder::encode(&packet) {
            // Whoever does not listen there misses it.
            let _ = self.socket.send_to(&bytes, (from.ip(), port));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::instance::effect_params::EffectParams;
    use crate::osc::{AudioEnd, OscCounts, ring};
    use crate::{instance, telemetry};

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
            let (audio, end) = ring();
            let telemetry: Arc<Telemetry> = Arc::default();
            let targets = EffectParams::default().kept.midi_map.targets().to_vec();
            let service = OscService::new(end, OscNames::new(instance::table(), &targets), &telemetry);
            let place = OscPlace { address: Ipv4Addr::LOCALHOST.into(), port: 0, send_port: 0 };
            let server = OscServer::start(place, &service).unwrap();
            let player = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            player.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            player.connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
            Self { server, service, audio, telemetry, player }
        }

        fn say(&self, address: &str, args: Vec<OscType>) {
            let message = OscMessage { addr: address.into(), args };
            self.player.send(&rosc::encoder::encode(&OscPacket::Message(message)).unwrap()).unwrap();
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
        bench.telemetry.set_model(telemetry::ModelInfo { dims: 2, ..telemetry::ModelInfo::default() });
        bench.telemetry.note_latent(&[1.0; MAX_DIMS], &[2.0; MAX_DIMS]);
        assert_eq!(bench.hear("/timbreloom/raw"), [OscType::Float(1.0), OscType::Float(1.0)]);
        assert_eq!(bench.hear("/timbreloom/latent"), [OscType::Float(2.0), OscType::Float(2.0)]);
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
        assert_eq!((audio.is_on(), audio.stops()), (false, 1));
        let mut again = OscServer::start(place, &service).unwrap();
        drop(audio);
        again.thread.take().unwrap().join().unwrap();
    }
}
