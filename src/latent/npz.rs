//! A latent path as a NumPy archive (`.npz`): an array for each key of the JSON document, so that `numpy.load` opens it.

use std::collections::HashSet;
use std::io::{Read, Seek, Write};

use npyz::{DType, NpyFile, Order, WriterBuilder};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::document::{Document, FORMAT, LISTS};
use super::path::{LatentPath, MAX_HOPS};
use crate::controls::MAX_DIMS;
use crate::model::request::ModelRequest;

/// Header of an array at most; NumPy's own are 118 bytes.
const MAX_HEADER_BYTES: usize = 512;

/// An array at most: 64-bit latents of so many hops, with its header.
fn most_bytes(hops: usize) -> u64 {
    (hops * MAX_DIMS * 8 + 1024) as u64
}

/// Writes the archive; the same path gives the same bytes.
///
/// # Errors
/// Those of `to`.
pub fn write<W: Write + Seek>(path: &LatentPath, to: W) -> std::io::Result<W> {
    let mut zip = ZipWriter::new(to);
    let hops = path.hops.len() as u64;
    for (key, text) in [("model_name", &path.model.name), ("model_hash", &path.model.hash)] {
        let long = text.chars().count().max(1);
        let dtype = DType::Plain(format!("<U{long}").parse().map_err(std::io::Error::other)?);
        begin(&mut zip, key)?;
        let options = npyz::WriteOptions::<str>::new().dtype(dtype).shape(&[]);
        let mut array = options.writer(&mut zip).begin_nd()?;
        array.push(text)?;
        array.finish()?;
    }
    let numbers = [
        ("format", i64::from(FORMAT)),
        ("sample_rate_hz", i64::from(path.sample_rate_hz)),
        ("hop_frames", path.hop_frames as i64),
    ];
    for (key, number) in numbers {
        begin(&mut zip, key)?;
        let mut array = npyz::WriteOptions::new().default_dtype().shape(&[]).writer(&mut zip).begin_nd()?;
        array.push(&number)?;
        array.finish()?;
    }
    let latent = path.hops.iter().flat_map(|hop| hop.latent[..path.dims].iter().copied());
    write_list(&mut zip, "latent", &[hops, path.dims as u64], latent)?;
    for (key, of) in LISTS {
        write_list(&mut zip, key, &[hops], path.hops.iter().map(of))?;
    }
    zip.finish().map_err(std::io::Error::other)
}

fn write_list<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    key: &str,
    shape: &[u64],
    values: impl Iterator<Item = f32>,
) -> std::io::Result<()> {
    begin(zip, key)?;
    let mut array = npyz::WriteOptions::new().default_dtype().shape(shape).writer(zip).begin_nd()?;
    array.extend(values)?;
    array.finish()
}

fn begin<W: Write + Seek>(zip: &mut ZipWriter<W>, key: &str) -> std::io::Result<()> {
    zip.start_file(format!("{key}.npy"), SimpleFileOptions::DEFAULT).map_err(std::io::Error::other)
}

/// Reads an archive; trusts nothing in it.
///
/// # Errors
/// Names the array and what was expected.
pub fn read(from: impl Read + Seek) -> Result<LatentPath, String> {
    read_within(from, MAX_HOPS)
}

/// As [`read`], of a path of so many hops at most.
///
/// # Errors
/// As [`read`].
pub fn read_within(from: impl Read + Seek, most_hops: usize) -> Result<LatentPath, String> {
    let mut zip = ZipArchive::new(from).map_err(|error| format!("is no .npz archive, or is damaged ({error})"))?;
    let names: HashSet<String> = zip.file_names().flatten().map(|name| name.to_string()).collect();
    let has = |key: &str| names.contains(&format!("{key}.npy"));
    let mut array = |key: &str| -> Result<Array, String> {
        let entry = zip.by_name(&format!("{key}.npy")).map_err(|_| format!("has no array “{key}”"))?;
        Array::read(entry, most_bytes(most_hops)).map_err(|reason| format!("array “{key}” {reason}"))
    };
    let latent = array("latent")?;
    let [hops, dims] = latent.shape[..] else {
        return Err(format!("array “latent” should have the shape (hops, dimensions), but has {:?}", latent.shape));
    };
    if !(1..=MAX_DIMS as u64).contains(&dims) || !(1..=most_hops as u64).contains(&hops) {
        return Err(format!("array “latent” should be 1 to {most_hops} x 1 to {MAX_DIMS}, but is {hops} x {dims}"));
    }
    let values = latent.numbers().map_err(|reason| format!("array “latent” {reason}"))?;
    let mut list = |key: &str| -> Result<Vec<f32>, String> {
        array(key)?.numbers().map_err(|reason| format!("array “{key}” {reason}"))
    };
    let optional = |key, list: &mut dyn FnMut(&str) -> Result<Vec<f32>, String>| {
        if has(key) { list(key) } else { Ok(Vec::new()) }
    };
    let (hushed, level_db) = (optional("hushed", &mut list)?, optional("level_db", &mut list)?);
    let (loudness_db, f0_hz, voicing) = (list("loudness_db")?, list("f0_hz")?, list("voicing")?);
    let mut whole = |key: &str| -> Result<u32, String> {
        let values = list(key)?;
        match values[..] {
            [value] if value >= 0.0 && value.fract() == 0.0 && value < 1e7 => Ok(value as u32),
            _ => Err(format!(
                "array “{key}” should be one whole number, but is {:?}",
                values.get(..2).unwrap_or(&values)
            )),
        }
    };
    let (format, sample_rate_hz, hop_frames) = (whole("format")?, whole("sample_rate_hz")?, whole("hop_frames")?);
    let mut text = |key: &str| -> Result<String, String> {
        array(key)?.text().map_err(|reason| format!("array “{key}” {reason}"))
    };
    Document {
        format,
        model: ModelRequest { name: text("model_name")?, hash: text("model_hash")? },
        sample_rate_hz,
        hop_frames: hop_frames as usize,
        latent: values.chunks(dims as usize).map(<[f32]>::to_vec).collect(),
        loudness_db,
        f0_hz,
        voicing,
        hushed,
        level_db,
    }
    .try_into()
}

/// An array as it lies in the archive.
struct Array {
    dtype: DType,
    shape: Vec<u64>,
    file: NpyFile<std::io::Cursor<Vec<u8>>>,
}

impl Array {
    fn read(entry: impl Read, most_bytes: u64) -> Result<Self, String> {
        let damaged = |error: std::io::Error| format!("is damaged ({error})");
        let mut bytes = Vec::new();
        entry.take(most_bytes).read_to_end(&mut bytes).map_err(damaged)?;
        let header_bytes = screen(&bytes)?;
        let data_bytes = (bytes.len() - header_bytes) as u64;
        let file = NpyFile::new(std::io::Cursor::new(bytes)).map_err(damaged)?;
        let (dtype, shape) = (file.dtype(), file.shape().to_vec());
        let wanted = dtype.num_bytes().and_then(|item| file.len().checked_mul(item as u64));
        if wanted != Some(data_bytes) {
            return Err(format!("has {data_bytes} bytes, which is not what its header says"));
        }
        Ok(Self { dtype, shape, file })
    }

    /// Row by row, whatever their order in the file.
    fn numbers(self) -> Result<Vec<f32>, String> {
        let Self { dtype, shape, file } = self;
        let damaged = |error: std::io::Error| format!("is damaged ({error})");
        let order = file.order();
        let values: Vec<f32> = match dtype.descr().trim_matches('\'') {
            "<f4" | ">f4" => file.into_vec::<f32>().map_err(damaged)?,
            "<f8" | ">f8" => file.into_vec::<f64>().map_err(damaged)?.into_iter().map(|value| value as f32).collect(),
            "<i4" | ">i4" => file.into_vec::<i32>().map_err(damaged)?.into_iter().map(|value| value as f32).collect(),
            "<i8" | ">i8" => file.into_vec::<i64>().map_err(damaged)?.into_iter().map(|value| value as f32).collect(),
            other => return Err(format!("should hold floats or integers of 32 or 64 bits, but holds {other}")),
        };
        let (Order::Fortran, [rows, columns]) = (order, &shape[..]) else { return Ok(values) };
        let (rows, columns) = (*rows as usize, *columns as usize);
        Ok((0..rows * columns).map(|n| values[n % columns * rows + n / columns]).collect())
    }

    fn text(self) -> Result<String, String> {
        let wrong = |what: String| format!("should be one text, but {what}");
        if !self.dtype.descr().contains('U') || self.file.len() != 1 {
            return Err(wrong(format!("is {} values of {}", self.file.len(), self.dtype.descr())));
        }
        let mut texts = self.file.into_vec::<String>().map_err(|error| wrong(format!("is damaged ({error})")))?;
        Ok(texts.pop().unwrap_or_default())
    }
}

/// What the parser of headers is not asked to read: it would follow brackets as deep as they go, and multiply what is in
/// them. Returns the length of the header with all before it.
fn screen(bytes: &[u8]) -> Result<usize, String> {
    let length = |range: std::ops::Range<usize>| {
        let digits = bytes.get(range)?;
        Some(digits.iter().rev().fold(0usize, |sum, &digit| sum << 8 | usize::from(digit)))
    };
    let (begin, long) = match bytes.get(..8) {
        Some(b"\x93NUMPY\x01\x00") => (10, length(8..10)),
        Some(b"\x93NUMPY\x02\x00" | b"\x93NUMPY\x03\x00") => (12, length(8..12)),
        _ => return Err("is no NumPy array".into()),
    };
    let header = long.filter(|&long| long <= MAX_HEADER_BYTES).and_then(|long| bytes.get(begin..begin + long));
    let header = header.ok_or_else(|| format!("has no header of at most {MAX_HEADER_BYTES} bytes"))?;
    let count = |of: fn(&u8) -> bool| header.iter().filter(|byte| of(byte)).count();
    // {'descr': '<f4', 'fortran_order': False, 'shape': (1234567, 16), }: lengths of 18 digits together cannot overflow.
    if count(|byte| b"([{".contains(byte)) > 2 || count(u8::is_ascii_digit) > 18 {
        return Err("has a header that is not one of a plain array of one or two dimensions".into());
    }
    Ok(begin + header.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::path::tests::path;
    use std::io::Cursor;

    fn written(path: &LatentPath) -> Vec<u8> {
        write(path, Cursor::new(Vec::new())).unwrap().into_inner()
    }

    /// The same archive with another array under these keys, or without them.
    fn with(keys: &[&str], array: Option<&[u8]>) -> Vec<u8> {
        let mut from = ZipArchive::new(Cursor::new(written(&path(3)))).unwrap();
        let mut to = ZipWriter::new(Cursor::new(Vec::new()));
        let names: Vec<String> = from.file_names().map(|name| name.unwrap().to_string()).collect();
        for name in names {
            let mut bytes = Vec::new();
            from.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
            let is_it = keys.iter().any(|key| name == format!("{key}.npy"));
            let bytes = if is_it { array } else { Some(&bytes[..]) };
            let Some(bytes) = bytes else { continue };
            to.start_file(name, SimpleFileOptions::DEFAULT).unwrap();
            to.write_all(bytes).unwrap();
        }
        to.finish().unwrap().into_inner()
    }

    /// An array as NumPy writes it.
    fn npy(header: &str, data: &[u8]) -> Vec<u8> {
        let long = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00", &long[..], header.as_bytes(), data].concat()
    }

    #[test]
    fn an_archive_gives_the_path_again_to_the_bit_and_the_same_bytes() {
        let path = path(30);
        let bytes = written(&path);
        assert_eq!(read(Cursor::new(&bytes)).unwrap(), path);
        assert_eq!(bytes, written(&path));
    }

    #[test]
    fn doubles_and_columns_first_are_read_as_numpy_saves_them() {
        let columns: Vec<u8> = [1.0f64, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        let array = npy("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }\n", &columns);
        let path = read(Cursor::new(with(&["latent"], Some(&array)))).unwrap();
        let rows: Vec<_> = path.hops.iter().map(|hop| [hop.latent[0], hop.latent[1]]).collect();
        assert_eq!((path.dims, rows), (2, vec![[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]));
    }

    #[test]
    fn what_may_be_left_out_may_be_left_out() {
        let path = read(Cursor::new(with(&["hushed", "level_db"], None))).unwrap();
        assert!(path.hops.iter().all(|hop| (hop.hushed, hop.level_db) == (0.0, 0.0)));
        let error = read(Cursor::new(with(&["hushed"], None))).unwrap_err();
        assert!(error.contains("“hushed” should have 3 values"), "{error}: it goes with the level");
    }

    #[test]
    fn an_archive_of_nonsense_is_refused_by_its_array() {
        let deep = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}", "(".repeat(400));
        let wide = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", "9999999, ".repeat(5));
        for (key, array, words) in [
            ("latent", None, "has no array “latent”"),
            ("voicing", None, "has no array “voicing”"),
            ("latent", Some(b"PK".to_vec()), "array “latent” is no NumPy array"),
            ("latent", Some(npy(&deep, b"")), "array “latent” has a header that is not one of a plain array"),
            ("latent", Some(npy(&wide, b"")), "array “latent” has a header that is not one of a plain array"),
            ("latent", Some(npy(&" ".repeat(600), b"")), "has no header of at most 512 bytes"),
            (
                "latent",
                Some(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", b"1234")),
                "array “latent” has 4 bytes, which is not what its header says",
            ),
            (
                "voicing",
                Some(npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", b"12345678")),
                "array “voicing” should hold floats or integers",
            ),
            (
                "model_name",
                Some(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", b"1234")),
                "array “model_name” should be one text",
            ),
            (
                "hop_frames",
                Some(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", &(-1f32).to_le_bytes())),
                "array “hop_frames” should be one whole number",
            ),
        ] {
            let said = read(Cursor::new(with(&[key], array.as_deref()))).unwrap_err();
            assert!(said.contains(words), "{key}: {said}");
        }
        let said = read(Cursor::new(b"PK\x03\x04".to_vec())).unwrap_err();
        assert!(said.contains("is no .npz archive"), "{said}");
    }
}
