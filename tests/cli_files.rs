//! The program and the files around it: pipes, folders, links, names, full disks, interruptions; long sound in little memory.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

#[path = "common/package.rs"]
#[allow(dead_code, reason = "others need the rest of it")]
mod package;
#[path = "common/program.rs"]
mod program;

use program::{fail, json, program, run, succeed};

fn sound(name: &str) -> String {
    format!("{}/tests/fixtures/sound/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn samples(path: &Path) -> Vec<f32> {
    timbreloom::offline::audio_file::read(path).unwrap().0.channels.concat()
}

/// Not the hidden ones of a program that still runs, but all that one leaves.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_command_that_reads_a_sound_tells_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let (cut, out) = (folder.path().join("cut.wav"), folder.path().join("out.wav"));
    let bytes = fs::read(sound("short.wav")).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 4_000]).unwrap();
    let (path, csv) = (folder.path().join("path.json"), folder.path().join("rows.csv"));
    let goal = format!("loudness={}", text(&cut));
    for arguments in [
        &["transfer", text(&cut), "-o", text(&out)][..],
        &["encode", text(&cut), "-o", text(&path)],
        &["describe", text(&cut), "-o", text(&csv)],
        &["target", "horn-codes", "-g", &goal, "--fit", "-o", text(&out)],
    ] {
        let said = succeed(arguments);
        assert!(said.contains("cut.wav: it is cut short"), "{arguments:?}: {said}");
        let said = json(arguments);
        let remark = said["remarks"][0].as_str().unwrap();
        assert!(remark.contains("cut short: its header promises 0.125 s more"), "{arguments:?}: {said}");
    }
    let output = run(&["describe", text(&cut)]);
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("seconds,"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cut short"));
}

#[test]
fn sound_goes_through_pipes_at_both_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (file, piped) = (folder.path().join("file.wav"), folder.path().join("piped.wav"));
    succeed(&["transfer", &sound("short.wav"), "-o", text(&file), "--format", "f32"]);
    for (input, output) in [("-", "-"), ("/dev/stdin", "/dev/stdout")] {
        if cfg!(windows) && input != "-" {
            continue;
        }
        let stdin = fs::File::open(sound("short.wav")).unwrap();
        let arguments = ["transfer", input, "-o", output, "--format", "f32"];
        let output = program().args(arguments).stdin(stdin).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("times real time"), "{said}");
        fs::write(&piped, output.stdout).unwrap();
        assert!(samples(&piped) == samples(&file));
    }
    // A path through a pipe as well.
    let encoded = run(&["encode", &sound("short.wav"), "-o", "-"]).stdout;
    let mut child = program()
        .args(["decode", "-", "-o", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &encoded));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert!(
        output.status.success() && output.stdout.starts_with(b"RIFF"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn several_inputs_go_into_a_folder_and_one_that_fails_keeps_none_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let (out, bad) = (folder.path().join("out"), folder.path().join("bad.wav"));
    fs::write(&bad, "no sound").unwrap();
    let output = run(&["transfer", &sound("short.w64"), text(&bad), &sound("sweep.flac"), "-o", text(&out)]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(names(&out), ["short.wav", "sweep.wav"]);
    assert!(said.contains("(failed) ") && said.contains("bad.wav") && said.contains("sweep.wav: 1.00 s"), "{said}");
    let said = json(&["encode", &sound("short.wav"), &sound("sweep.mp3"), "-o", text(&out)]);
    assert_eq!(said["files"].as_array().unwrap().len(), 2, "{said}");
    // One input into a folder, too.
    succeed(&["transfer", &sound("sweep.ogg"), "-o", text(&out)]);
    let error = fail(&["transfer", &sound("short.wav"), &sound("short.aiff"), "-o", text(&out)]);
    assert!(error.contains("would both become"), "{error}");
    let error = fail(&["transfer", &sound("short.wav"), &sound("sweep.mp3"), "-o", text(&bad)]);
    assert!(error.contains("is no folder"), "{error}");
    assert_eq!(fs::read(&bad).unwrap(), b"no sound");
}

#[cfg(unix)]
#[test]
fn names_that_are_no_unicode_are_read_and_written() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &[u8]| folder.path().join(std::ffi::OsStr::from_bytes(name));
    let (input, output) = (at(b"t\xe9l\xe9.wav"), at(b"m\xf6gen.wav"));
    fs::copy(sound("short.wav"), &input).unwrap();
    for json in [&[][..], &["--json"]] {
        let out = program().arg("transfer").arg(&input).arg("-o").arg(&output).args(json).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
    assert!(output.is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_output_that_is_full_or_gone_is_no_panic() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = program().arg("models").stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("could not be told on standard output: No space left") && !said.contains("panicked"),
        "{said}"
    );
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = program().args(["models", "--json"]).stdout(writer).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_a_read_only_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("disk")).unwrap();
    fs::write(at("disk/real.wav"), "old").unwrap();
    std::os::unix::fs::symlink(at("disk/real.wav"), at("link.wav")).unwrap();
    succeed(&["transfer", &sound("short.wav"), "-o", text(&at("link.wav"))]);
    assert!(at("link.wav").is_symlink() && fs::read(at("disk/real.wav")).unwrap().starts_with(b"RIFF"));
    fs::write(at("kept.wav"), "kept").unwrap();
    let mut permissions = fs::metadata(at("kept.wav")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(at("kept.wav"), permissions).unwrap();
    assert!(fail(&["transfer", &sound("short.wav"), "-o", text(&at("kept.wav"))]).contains("read-only"));
    assert_eq!(fs::read(at("kept.wav")).unwrap(), b"kept");
    assert_eq!(names(folder.path()), ["disk", "kept.wav", "link.wav"]);
}

/// The input is a pipe that nobody writes to: whoever begins to read hangs.
#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_found_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, out) = (folder.path().join("pipe"), folder.path().join("out.wav"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let error = fail(&["transfer", text(&pipe), "-o", text(&out), "--plot", "/nowhere/plot.png"]);
    assert!(error.contains("the folder /nowhere does not exist"), "{error}");
    assert!(fail(&["transfer", text(&pipe), "-o", "/nowhere/out.wav"]).contains("/nowhere"));
    assert!(fail(&["encode", text(&pipe), "-o", text(folder.path()), "-m", "tuba"]).contains("is not installed"));
    assert!(fail(&["describe", text(&pipe), "-o", text(folder.path())]).contains("is a folder"));
}

/// Neither has an end.
#[cfg(unix)]
#[test]
fn a_path_file_without_an_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.wav");
    assert!(fail(&["decode", "/dev/zero", "-o", text(&out)]).contains("is not a latent path"));
    assert!(fail(&["transfer", "/dev/zero", "-o", text(&out)]).contains("is not a sound file of a kind that is known"));
}

/// Months of silence in a header, for a disk that has less room.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_without_room_is_found_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("long.wav");
    let mut bytes = fs::read(sound("short-rf64.wav")).unwrap();
    let at = bytes.windows(4).position(|tag| tag == b"data").unwrap() + 8;
    bytes.truncate(at);
    // 8 TB, in a file with a hole.
    let data_bytes = 1_u64 << 43;
    bytes[20..28].copy_from_slice(&(data_bytes + 100).to_le_bytes());
    bytes[28..36].copy_from_slice(&data_bytes.to_le_bytes());
    fs::write(&input, &bytes).unwrap();
    let file = fs::File::options().write(true).open(&input).unwrap();
    if let Err(error) = file.set_len(at as u64 + data_bytes) {
        eprintln!("skipped: this file system has no holes of that size ({error})");
        return;
    }
    let error = fail(&["transfer", text(&input), "-o", text(&folder.path().join("out.wav"))]);
    assert!(error.contains("are free on that disk"), "{error}");
    assert_eq!(names(folder.path()), ["long.wav"]);
}

/// As a terminal starts a program: one that was started in the background, or by `nohup`, ignores signals, and so would its
/// children.
#[cfg(unix)]
fn hears_signals(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt as _;
    let heed = || {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: the default is a valid action for each of them.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: `signal` may be called between fork and exec.
    unsafe { command.pre_exec(heed) }
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_no_half_file_and_the_callers_see_the_signal() {
    use std::os::unix::process::ExitStatusExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (pipe, out) = (folder.path().join("pipe"), folder.path().join("out.wav"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::write(&out, "old").unwrap();
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        let mut command = program();
        command.arg("transfer").arg(&pipe).arg("-o").arg(&out).stderr(Stdio::null());
        let mut child = hears_signals(&mut command).spawn().unwrap();
        // A sound that begins, and does not end.
        let mut feed = fs::File::options().write(true).open(&pipe).unwrap();
        let mut bytes = fs::read(sound("short.wav")).unwrap();
        bytes[40..44].fill(0xff);
        bytes.resize(100_000, 0x11);
        std::io::Write::write_all(&mut feed, &bytes).unwrap();
        let began = std::time::Instant::now();
        while names(folder.path()).len() < 3 {
            assert!(began.elapsed().as_secs() < 60, "no hidden file appears");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        // SAFETY: the child is ours and was not waited for yet.
        assert_eq!(unsafe { libc::kill(child.id() as libc::pid_t, signal) }, 0);
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(signal), "{status}");
        assert_eq!(names(folder.path()), ["out.wav", "pipe"]);
        assert_eq!(fs::read(&out).unwrap(), b"old");
    }
}

/// A load takes a tenth of a second and more, and a marker lies in the data folder meanwhile.
#[cfg(unix)]
#[test]
fn an_interruption_of_a_load_accuses_nobody() {
    use std::os::unix::process::ExitStatusExt as _;
    let data = tempfile::tempdir().unwrap();
    let markers = data.path().join("timbreloom/loading");
    let marker =
        || fs::read_dir(&markers).into_iter().flatten().flatten().any(|entry| entry.path().extension().is_some());
    let mut hits = 0;
    for _ in 0..20 {
        let out = data.path().join("out.json");
        let mut command = program();
        command.args(["encode", &sound("sweep.flac"), "-o", text(&out)]).env("XDG_DATA_HOME", data.path());
        let mut child = hears_signals(command.stdout(Stdio::null()).stderr(Stdio::null())).spawn().unwrap();
        let began = std::time::Instant::now();
        while !marker() && child.try_wait().unwrap().is_none() && began.elapsed().as_secs() < 60 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        // SAFETY: the child is ours, and stays in the system's table until it is waited for.
        unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGINT) };
        hits += usize::from(child.wait().unwrap().signal() == Some(libc::SIGINT));
        assert!(!marker(), "a marker is left behind");
        if hits == 3 {
            break;
        }
    }
    assert!(hits > 0, "no load was met");
    if cfg!(target_os = "linux") {
        let listed = program().arg("models").env("XDG_DATA_HOME", data.path()).output().unwrap();
        assert!(!String::from_utf8(listed.stdout).unwrap().contains("quarantine"));
    }
}

/// What others made is marked while it plays, and a call of its graphs is nearly always under way.
#[cfg(target_os = "linux")]
#[test]
fn an_interruption_while_a_package_plays_accuses_nobody() {
    use std::os::unix::process::ExitStatusExt as _;
    let folder = tempfile::tempdir().unwrap();
    let package = package::renamed(&package::shipped("cello"), folder.path(), "mine");
    let long = folder.path().join("long.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&long, spec).unwrap();
    (0..44_100 * 120).for_each(|n: i32| writer.write_sample((n % 997 * 20 - 10_000) as i16).unwrap());
    writer.finalize().unwrap();
    let playing = folder.path().join("timbreloom/playing");
    let marks = || -> Vec<Vec<u8>> {
        let files = fs::read_dir(&playing).into_iter().flatten().flatten();
        files.filter_map(|entry| fs::read(entry.path()).ok()).collect()
    };
    for _ in 0..5 {
        let mut command = program();
        command.args(["transfer", text(&long), "-m", text(&package), "-o", text(&folder.path().join("out.wav"))]);
        command.env("XDG_DATA_HOME", folder.path()).env("XDG_RUNTIME_DIR", folder.path());
        let mut child = hears_signals(command.stdout(Stdio::null()).stderr(Stdio::null())).spawn().unwrap();
        let began = std::time::Instant::now();
        while !marks().iter().any(|mark| mark.first() == Some(&b'\t')) {
            assert!(child.try_wait().unwrap().is_none() && began.elapsed().as_secs() < 60, "no mark appears");
        }
        // SAFETY: the child is ours and was not waited for yet.
        unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGINT) };
        assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGINT));
        assert!(marks().is_empty(), "a mark is left behind");
    }
}

/// Peak of resident memory, MB, as the system counts it for a process that has ended.
#[cfg(target_os = "linux")]
#[allow(clippy::zombie_processes, reason = "`wait4` waits for it, and tells what it took")]
fn peak_mb(command: &mut Command) -> u64 {
    let child = command.spawn().unwrap();
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: the child is ours and was not waited for yet; both places live throughout the call.
    let ended = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, usage.as_mut_ptr()) };
    assert_eq!((ended, status), (child.id() as libc::pid_t, 0));
    // SAFETY: all zeros are a valid value, and the call has filled it in.
    unsafe { usage.assume_init() }.ru_maxrss as u64 / 1024
}

/// The general fixture does nothing, so that ten minutes take seconds.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_sound() {
    let folder = tempfile::tempdir().unwrap();
    let general = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/general");
    let peak = |command: &str, seconds: u32| {
        let (input, output) = (folder.path().join("long.wav"), folder.path().join("out.wav"));
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 44_100,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&input, spec).unwrap();
        for n in 0..2 * 44_100 * seconds {
            writer.write_sample((n.wrapping_mul(2_654_435_761) >> 20) as i16).unwrap();
        }
        writer.finalize().unwrap();
        let mut program = program();
        program.arg(command).arg(&input).arg("-o").arg(&output);
        if command != "describe" {
            program.arg("-m").arg(&general);
        }
        peak_mb(program.stdout(Stdio::null()))
    };
    for (command, seconds, most_mb) in [("transfer", 600, 12), ("encode", 300, 48), ("describe", 300, 24)] {
        let (short, long) = (peak(command, 10), peak(command, seconds));
        println!("{command}: {short} MB for 10 s, {long} MB for {seconds} s");
        // 600 s are 212 MB of samples; a path and a table are results that grow. This model has eight times as many hops as
        // others, and a path holds 84 bytes for each.
        assert!(long < short + most_mb, "{command}: {short} MB for 10 s, {long} MB for {seconds} s");
    }
}
