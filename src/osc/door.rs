//! A socket that anybody may send to: what comes is bounded, taken apart and counted, and answered where it may be.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rosc::{OscMessage, OscPacket, OscType};

use super::answer::ERROR;
use super::flood::Bucket;
use super::message::{self, OscRefusal};
use super::place::{OscError, OscPlace};
use super::report::OscReport;

/// Messages that are heard in a second, and at once.
pub(super) const MESSAGES_PER_S: f64 = 2000.0;
pub(super) const MESSAGES_AT_ONCE: f64 = 200.0;

/// Answers to what is refused, in a second.
const REFUSALS_PER_S: f64 = 4.0;

/// Packets that are read in a row before anything else is looked at.
pub(super) const PACKETS_IN_A_ROW: usize = 64;

/// No packet of UDP is longer.
const DATAGRAM_BYTES: usize = 64 << 10;

/// Who has sent nothing that made sense for so long hears no more: on this computer, and elsewhere. Elsewhere a sender's address
/// may be forged, and who is there has not asked for anything.
const ATTENTION: Duration = Duration::from_mins(10);
const ATTENTION_ELSEWHERE: Duration = Duration::from_secs(10);

/// A socket at a place, which waits for nothing, and where it listens.
///
/// # Errors
/// When the answers would come back, or the system refuses the port.
pub(super) fn bind(place: OscPlace) -> Result<(UdpSocket, SocketAddr), OscError> {
    place.check()?;
    let failed = |error: std::io::Error| place.failed(&error);
    let socket = UdpSocket::bind((place.address, place.port)).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    let own = socket.local_addr().map_err(failed)?;
    Ok((socket, own))
}

/// Room for any packet.
pub(super) fn buffer() -> Vec<u8> {
    vec![0; DATAGRAM_BYTES]
}

/// Who hears what is told unasked: the last one who sent something that made sense.
#[derive(Clone, Copy)]
struct Listener {
    from: SocketAddr,
    since: Instant,
}

impl Listener {
    fn attention(&self) -> Duration {
        if is_loopback(self.from.ip()) { ATTENTION } else { ATTENTION_ELSEWHERE }
    }
}

/// Whether it is of this computer alone, also where a socket for IPv6 says it.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// See the module. Of one thread.
pub(super) struct Door {
    socket: UdpSocket,
    /// Where it listens.
    own: SocketAddr,
    send_port: u16,
    report: Arc<OscReport>,
    heard: Bucket,
    refusals: Bucket,
    listener: Option<Listener>,
}

impl Door {
    pub(super) fn new(socket: UdpSocket, own: SocketAddr, send_port: u16, report: &Arc<OscReport>) -> Self {
        let now = Instant::now();
        Self {
            socket,
            own,
            send_port,
            report: Arc::clone(report),
            heard: Bucket::new(MESSAGES_PER_S, MESSAGES_AT_ONCE, now),
            refusals: Bucket::new(REFUSALS_PER_S, 1.0, now),
            listener: None,
        }
    }

    /// Reads a packet, if one waits.
    pub(super) fn receive<'a>(&self, buffer: &'a mut [u8]) -> Option<(&'a [u8], SocketAddr)> {
        // Nothing waits; or Windows tells that one who was answered is gone.
        let (bytes, from) = self.socket.recv_from(buffer).ok()?;
        Some((&buffer[..bytes], from))
    }

    /// The messages of a packet that are to be followed, in their order; what is too much or makes no sense is counted.
    pub(super) fn hear(&mut self, packet: &[u8], from: SocketAddr, now: Instant) -> Vec<OscMessage> {
        if self.heard.take(1, now) == 0 {
            self.report.note_flooded(1);
            return Vec::new();
        }
        if self.is_own(from) {
            self.refuse(&OscRefusal::Own, from, now);
            return Vec::new();
        }
        let mut messages = match message::messages(packet) {
            Ok(messages) => messages,
            Err(refusal) => {
                self.refuse(&refusal, from, now);
                return Vec::new();
            }
        };
        let followed = 1 + self.heard.take(messages.len().saturating_sub(1), now);
        self.report.note_flooded(messages.len().saturating_sub(followed));
        messages.truncate(followed);
        messages
    }

    /// Whether a packet comes from this very socket, or says so.
    fn is_own(&self, from: SocketAddr) -> bool {
        let is_here = from.ip() == self.own.ip() || (self.own.ip().is_unspecified() && is_loopback(from.ip()));
        is_here && from.port() == self.own.port()
    }

    /// Somebody has sent something that made sense, and is the listener from now on; whether another one was before.
    pub(super) fn attend(&mut self, from: SocketAddr, now: Instant) -> bool {
        let before = self.listener.replace(Listener { from, since: now });
        before.is_none_or(|before| before.from != from)
    }

    /// Who listens, while their attention lasts.
    pub(super) fn listener(&mut self, now: Instant) -> Option<SocketAddr> {
        self.listener = self.listener.filter(|listener| now.duration_since(listener.since) < listener.attention());
        self.listener.map(|listener| listener.from)
    }

    /// Counts what was not followed, and says why, but for answers: to this computer's own programs, and to the one who listens.
    pub(super) fn refuse(&mut self, refusal: &OscRefusal, from: SocketAddr, now: Instant) {
        let why = refusal.to_string();
        self.report.note_refused(&why);
        let is_known = self.listener.is_some_and(|listener| listener.from.ip() == from.ip());
        let is_told = refusal.is_answered() && (is_known || is_loopback(from.ip()));
        if is_told && self.refusals.take(1, now) == 1 {
            self.send(from, ERROR, vec![OscType::String(why)]);
        }
    }

    /// To the port for answers of the computer that a packet came from.
    pub(super) fn send(&self, from: SocketAddr, address: &str, args: Vec<OscType>) {
        let packet = OscPacket::Message(OscMessage { addr: address.into(), args });
        if let Ok(bytes) = rosc::encoder::encode(&packet) {
            // Whoever does not listen there misses it.
            let _ = self.socket.send_to(&bytes, answered_at(from, self.send_port));
        }
    }
}

/// Where a sender hears answers: on its own computer, by the network that it sent through.
fn answered_at(mut from: SocketAddr, send_port: u16) -> SocketAddr {
    if send_port != 0 {
        from.set_port(send_port);
    }
    from
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddrV6;

    use super::*;

    #[test]
    fn an_answer_goes_to_the_answering_port_by_the_network_that_the_message_came_through() {
        let from = SocketAddr::V6(SocketAddrV6::new("fe80::1".parse().unwrap(), 4000, 0, 7));
        let to = SocketAddr::V6(SocketAddrV6::new("fe80::1".parse().unwrap(), 9001, 0, 7));
        assert_eq!((answered_at(from, 9001), answered_at(from, 0)), (to, from));
    }
}
