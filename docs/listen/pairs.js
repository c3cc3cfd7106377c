// Made by `python -m timbreloom_train blind`.
const PAIRS = [
 {
  "number": 1,
  "model": "cello",
  "input": "voice",
  "moved": "an octave up",
  "newer": "b"
 },
 {
  "number": 2,
  "model": "cello",
  "input": "flute",
  "moved": "an octave down",
  "newer": "a"
 },
 {
  "number": 3,
  "model": "cello",
  "input": "clarinet",
  "moved": "an octave down",
  "newer": "a"
 },
 {
  "number": 4,
  "model": "cello",
  "input": "horn",
  "moved": "",
  "newer": "a"
 },
 {
  "number": 5,
  "model": "cello",
  "input": "itself",
  "moved": "",
  "newer": "b"
 },
 {
  "number": 6,
  "model": "flute",
  "input": "voice",
  "moved": "two octaves up",
  "newer": "a"
 },
 {
  "number": 7,
  "model": "flute",
  "input": "horn",
  "moved": "an octave up",
  "newer": "a"
 },
 {
  "number": 8,
  "model": "flute",
  "input": "cello",
  "moved": "two octaves up",
  "newer": "b"
 },
 {
  "number": 9,
  "model": "flute",
  "input": "itself",
  "moved": "",
  "newer": "a"
 },
 {
  "number": 10,
  "model": "horn",
  "input": "voice",
  "moved": "",
  "newer": "a"
 },
 {
  "number": 11,
  "model": "horn",
  "input": "flute",
  "moved": "an octave down",
  "newer": "a"
 },
 {
  "number": 12,
  "model": "horn",
  "input": "cello",
  "moved": "",
  "newer": "a"
 },
 {
  "number": 13,
  "model": "horn",
  "input": "itself",
  "moved": "",
  "newer": "a"
 },
 {
  "number": 14,
  "model": "voice",
  "input": "flute",
  "moved": "an octave down",
  "newer": "a"
 },
 {
  "number": 15,
  "model": "voice",
  "input": "clarinet",
  "moved": "an octave down",
  "newer": "b"
 },
 {
  "number": 16,
  "model": "voice",
  "input": "itself",
  "moved": "",
  "newer": "b"
 },
 {
  "number": 17,
  "model": "choir",
  "input": "cello",
  "moved": "an octave up",
  "newer": "b"
 },
 {
  "number": 18,
  "model": "choir",
  "input": "voice",
  "moved": "an octave up",
  "newer": "b"
 },
 {
  "number": 19,
  "model": "cello-live",
  "input": "voice",
  "moved": "an octave up",
  "newer": "b"
 },
 {
  "number": 20,
  "model": "cello-live",
  "input": "itself",
  "moved": "",
  "newer": "a"
 }
];
