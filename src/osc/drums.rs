//! Hits by OSC, for patches that play them from files: a message asks for one of a class, an answer says where it lies. The
//! messages are those of a patch for Max that existed before.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rosc::{OscMessage, OscType};

use super::answer::{BUFFER, ERROR, PONG};
use super::door::{self, Door, PACKETS_IN_A_ROW};
use super::message::{self, OscRefusal, PING};
use super::place::{OscError, OscPlace};
use super::report::{OscCounts, OscReport};

/// A hit of a class is wanted.
const NOTE: &str = "/sample_note";

/// A straight line through grain space is wanted in the place of a hit.
const PATH: &str = "/sample_path";

/// Hits that wait to be made: more are asked for than anybody plays.
const MAX_WAITING: usize = 64;

/// Between two looks at the socket, when nothing waits there.
const NAP: Duration = Duration::from_millis(2);

/// What a float may be beside a whole number.
const SLACK: f64 = 1e-3;

/// A hit that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrumAsk {
    /// The class, by its number in the model.
    pub class: usize,
    /// A straight line through grain space in the place of a hit.
    pub is_path: bool,
    from: SocketAddr,
}

/// Listens until it is dropped; on the caller's thread, when [`Self::take`] is called. What comes meanwhile waits in the socket.
pub struct DrumServer {
    door: Door,
    report: Arc<OscReport>,
    classes: Vec<String>,
    waiting: VecDeque<DrumAsk>,
    buffer: Vec<u8>,
    port: u16,
}

impl DrumServer {
    /// Begins to listen, for hits of these classes.
    ///
    /// # Errors
    /// When the answers would come back, or the system refuses the port.
    pub fn start(place: OscPlace, classes: &[String]) -> Result<Self, OscError> {
        let (socket, own) = door::bind(place)?;
        let report = Arc::default();
        let door = Door::new(socket, own, place.send_port, &report);
        let (classes, waiting, buffer) = (classes.to_vec(), VecDeque::new(), door::buffer());
        Ok(Self { door, report, classes, waiting, buffer, port: own.port() })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What became of what came.
    pub fn counts(&self) -> OscCounts {
        self.report.counts()
    }

    /// The next hit that is asked for; `None` after a moment without one.
    pub fn take(&mut self) -> Option<DrumAsk> {
        let mut buffer = std::mem::take(&mut self.buffer);
        for _ in 0..PACKETS_IN_A_ROW {
            let Some((packet, from)) = self.door.receive(&mut buffer) else { break };
            self.hear(packet, from, Instant::now());
        }
        self.buffer = buffer;
        let ask = self.waiting.pop_front();
        if ask.is_none() {
            std::thread::sleep(NAP);
        }
        ask
    }

    /// Tells who asked where the hit lies, how many frames it has, and at which rate, Hz.
    pub fn answer(&self, ask: &DrumAsk, file: &str, frames: usize, rate_hz: u32) {
        let whole = |number: usize| OscType::Int(i32::try_from(number).unwrap_or(i32::MAX));
        let args = vec![whole(ask.class), OscType::String(file.into()), whole(frames), whole(rate_hz as usize)];
        self.door.send(ask.from, BUFFER, args);
    }

    /// Tells who asked why there is no hit, a whole sentence.
    pub fn fail(&self, ask: &DrumAsk, why: &str) {
        self.door.send(ask.from, ERROR, vec![OscType::String(why.into())]);
    }

    fn hear(&mut self, packet: &[u8], from: SocketAddr, now: Instant) {
        for message in self.door.hear(packet, from, now) {
            match wanted(&message, &self.classes) {
                Ok(wanted) => {
                    self.door.attend(from, now);
                    self.follow(wanted, from);
                }
                Err(refusal) => self.door.refuse(&refusal, from, now),
            }
        }
    }

    fn follow(&mut self, wanted: Wanted, from: SocketAddr) {
        match wanted {
            Wanted::Pong => self.door.send(from, PONG, vec![OscType::String(env!("CARGO_PKG_VERSION").into())]),
            Wanted::Hit { .. } if self.waiting.len() >= MAX_WAITING => return self.report.note_flooded(1),
            Wanted::Hit { class, is_path } => self.waiting.push_back(DrumAsk { class, is_path, from }),
        }
        self.report.note_taken();
    }
}

/// What a message asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Hit { class: usize, is_path: bool },
    Pong,
}

fn wanted(message: &OscMessage, classes: &[String]) -> Result<Wanted, OscRefusal> {
    let (address, is_path) = match message.addr.as_str() {
        NOTE => (NOTE, false),
        PATH => (PATH, true),
        PING => return Ok(Wanted::Pong),
        other => return Err(message::no_address(other, || format!("{NOTE}, {PATH} and {PING}"))),
    };
    let [given] = &message.args[..] else {
        return Err(message::count(address, "a class", &message.args));
    };
    let class = match given {
        OscType::String(name) => classes.iter().position(|class| class.eq_ignore_ascii_case(name.trim())),
        given => message::number(given).and_then(|number| {
            let nearest = number.round();
            let is_class = (number - nearest).abs() <= SLACK && (0.0..classes.len() as f64).contains(&nearest);
            is_class.then_some(nearest as usize)
        }),
    };
    let expected = || {
        let named: Vec<String> = classes.iter().enumerate().map(|(n, class)| format!("{n} {class}")).collect();
        format!("a class by its number or its name, of {},", named.join(", "))
    };
    let class = class.ok_or_else(|| message::argument(address, 1, expected(), given))?;
    Ok(Wanted::Hit { class, is_path })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use rosc::OscPacket;

    use super::*;
    use crate::osc::answer::ANSWERS;

    fn classes() -> Vec<String> {
        ["kick", "Hat"].map(str::to_owned).to_vec()
    }

    fn read(address: &str, args: &[OscType]) -> Result<Wanted, String> {
        let message = OscMessage { addr: address.into(), args: args.to_vec() };
        wanted(&message, &classes()).map_err(|refusal| refusal.to_string())
    }

    fn text(text: &str) -> OscType {
        OscType::String(text.into())
    }

    #[test]
    fn a_class_is_a_whole_number_a_float_that_is_one_or_a_name() {
        let hit = |class, is_path| Ok(Wanted::Hit { class, is_path });
        assert_eq!(read("/sample_note", &[OscType::Int(1)]), hit(1, false));
        assert_eq!(read("/sample_path", &[OscType::Float(0.9999)]), hit(1, true));
        assert_eq!(read("/sample_note", &[OscType::Double(0.0)]), hit(0, false));
        assert_eq!(read("/sample_note", &[text("hat ")]), hit(1, false));
        assert_eq!(read("/timbreloom/ping", &[]), Ok(Wanted::Pong));
    }

    #[test]
    fn what_is_no_class_and_no_address_is_told() {
        let class = "argument 1: a class by its number or its name, of 0 kick, 1 Hat, expected";
        for (address, args, words) in [
            ("/sample_note", vec![], "takes a class, and came with 0 arguments"),
            ("/sample_note", vec![OscType::Int(0), OscType::Int(1)], "takes a class, and came with 2 arguments"),
            ("/sample_note", vec![OscType::Int(2)], class),
            ("/sample_path", vec![OscType::Int(-1)], class),
            ("/sample_path", vec![OscType::Float(0.5)], class),
            ("/sample_path", vec![OscType::Float(f32::NAN)], class),
            ("/sample_path", vec![OscType::Float(f32::INFINITY)], class),
            ("/sample_note", vec![text("snare")], "“snare” found"),
            ("/sample_note", vec![OscType::Nil], "no number and no text found"),
            (
                "/sample",
                vec![],
                "“/sample” is no address here. Expected are /sample_note, /sample_path and /timbreloom",
            ),
        ] {
            let said = read(address, &args).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
        for address in ANSWERS {
            assert!(read(address, &[OscType::Int(0)]).unwrap_err().contains("is an answer"), "{address}");
        }
    }

    #[test]
    fn hits_are_asked_for_in_their_order_answered_to_who_asked_and_too_many_are_dropped() {
        let place = OscPlace { address: Ipv4Addr::LOCALHOST.into(), port: 0, send_port: 0 };
        let mut server = DrumServer::start(place, &classes()).unwrap();
        let player = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        player.connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        player.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let say = |address: &str, class| {
            let message = OscMessage { addr: address.into(), args: vec![OscType::Int(class)] };
            player.send(&rosc::encoder::encode(&OscPacket::Message(message)).unwrap()).unwrap();
        };
        let next = |server: &mut DrumServer| {
            let began = Instant::now();
            loop {
                if let Some(ask) = server.take() {
                    return ask;
                }
                assert!(began.elapsed() < Duration::from_secs(5), "nothing comes: {:?}", server.counts());
            }
        };
        say("/sample_note", 1);
        say("/sample_path", 0);
        let [first, second] = [next(&mut server), next(&mut server)];
        assert_eq!([(first.class, first.is_path), (second.class, second.is_path)], [(1, false), (0, true)]);
        server.answer(&first, "drums1.wav", 2205, 44_100);
        let mut buffer = [0; 4096];
        let bytes = player.recv(&mut buffer).unwrap();
        let answer = OscMessage {
            addr: "/buffer".into(),
            args: vec![OscType::Int(1), text("drums1.wav"), OscType::Int(2205), OscType::Int(44_100)],
        };
        assert_eq!(buffer[..bytes], rosc::encoder::encode(&OscPacket::Message(answer)).unwrap());
        for _ in 0..MAX_WAITING + 30 {
            say("/sample_note", 0);
        }
        say("/sample_note", 7);
        let began = Instant::now();
        let mut made = 0;
        while began.elapsed() < Duration::from_secs(5) && server.counts().refused == 0 {
            made += usize::from(server.take().is_some());
        }
        made += std::iter::from_fn(|| server.take()).count();
        let counts = server.counts();
        assert_eq!((counts.taken, counts.refused), (2 + made as u64, 1), "{counts:?}");
        assert!(made >= MAX_WAITING && made + counts.flooded as usize == MAX_WAITING + 30, "{made}, {counts:?}");
    }
}
