//! Draws what egui tessellates, in software: the same bytes on every machine.

use egui::epaint::{ClippedPrimitive, ImageData, Mesh, Primitive, TextureId, Vertex};
use egui::{Color32, Rect, TexturesDelta};
use std::collections::BTreeMap;
use std::path::Path;

struct Texture {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 4]>,
}

/// Textures and pixels, premultiplied, in the gamma space that egui blends in.
#[derive(Default)]
pub(crate) struct Raster {
    textures: BTreeMap<u64, Texture>,
}

/// A finished picture, 8-bit RGBA.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

fn key(id: TextureId) -> u64 {
    match id {
        TextureId::Managed(id) => id,
        TextureId::User(id) => id | 1 << 63,
    }
}

fn unpack(colour: Color32) -> [f32; 4] {
    colour.to_array().map(|channel| f32::from(channel) / 255.0)
}

impl Raster {
    pub(crate) fn update(&mut self, delta: &TexturesDelta) {
        for (id, images) in &delta.set {
            for image in images {
                let ImageData::Color(data) = &image.image;
                let [width, height] = data.size;
                let pixels: Vec<[f32; 4]> = data.pixels.iter().map(|pixel| unpack(*pixel)).collect();
                match image.pos {
                    None => {
                        self.textures.insert(key(*id), Texture { width, height, pixels });
                    }
                    Some([left, top]) => {
                        let Some(texture) = self.textures.get_mut(&key(*id)) else { continue };
                        for row in 0..height {
                            let at = (top + row) * texture.width + left;
                            texture.pixels[at..at + width].copy_from_slice(&pixels[row * width..][..width]);
                        }
                    }
                }
            }
        }
    }

    pub(crate) fn draw(
        &self,
        size: egui::Vec2,
        pixels_per_point: f32,
        primitives: &[ClippedPrimitive],
    ) -> Picture {
        let (width, height) =
            ((size.x * pixels_per_point).round() as usize, (size.y * pixels_per_point).round() as usize);
        let mut target = vec![[0.0, 0.0, 0.0, 1.0]; width * height];
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            self.mesh(&mut target, (width, height), *clip_rect, mesh, pixels_per_point);
        }
        let pixels = target.iter().flat_map(|pixel| pixel.map(|c| (c.clamp(0.0, 1.0) * 255.0).round() as u8));
        Picture { width, height, pixels: pixels.collect() }
    }

    fn mesh(
        &self,
        target: &mut [[f32; 4]],
        (width, height): (usize, usize),
        clip: Rect,
        mesh: &Mesh,
        ppp: f32,
    ) {
        let Some(texture) = self.textures.get(&key(mesh.texture_id)) else { return };
        let clip_x = ((clip.min.x * ppp).round().max(0.0) as usize)
            ..((clip.max.x * ppp).round().max(0.0) as usize).min(width);
        let clip_y = ((clip.min.y * ppp).round().max(0.0) as usize)
            ..((clip.max.y * ppp).round().max(0.0) as usize).min(height);
        for triangle in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [0, 1, 2].map(|at| mesh.vertices[triangle[at] as usize]);
            let at = |v: &Vertex| (v.pos.x * ppp, v.pos.y * ppp);
            let ((ax, ay), (bx, by), (cx, cy)) = (at(&a), at(&b), at(&c));
            let area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
            if area == 0.0 || !area.is_finite() {
                continue;
            }
            let low = |a: f32, b: f32, c: f32| (a.min(b).min(c) - 0.5).floor().max(0.0) as usize;
            let high = |a: f32, b: f32, c: f32| (a.max(b).max(c) + 0.5).ceil().max(0.0) as usize;
            let xs = low(ax, bx, cx).max(clip_x.start)..high(ax, bx, cx).min(clip_x.end);
            let ys = low(ay, by, cy).max(clip_y.start)..high(ay, by, cy).min(clip_y.end);
            let colours = [a, b, c].map(|v| unpack(v.color));
            for y in ys {
                for x in xs.clone() {
                    let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
                    let edge = |ux: f32, uy: f32, vx: f32, vy: f32| {
                        ((vx - ux) * (py - uy) - (vy - uy) * (px - ux)) / area
                    };
                    let weights = [edge(bx, by, cx, cy), edge(cx, cy, ax, ay), edge(ax, ay, bx, by)];
                    // The left or top edge owns the pixels that lie exactly on it.
                    let owns = |w: f32, ux: f32, uy: f32, vx: f32, vy: f32| {
                        let (dx, dy) = ((vx - ux) * area.signum(), (vy - uy) * area.signum());
                        w > 0.0 || (w == 0.0 && (dy < 0.0 || (dy == 0.0 && dx > 0.0)))
                    };
                    if !(owns(weights[0], bx, by, cx, cy)
                        && owns(weights[1], cx, cy, ax, ay)
                        && owns(weights[2], ax, ay, bx, by))
                    {
                        continue;
                    }
                    let blend =
                        |f: &dyn Fn(usize) -> f32| weights[0] * f(0) + weights[1] * f(1) + weights[2] * f(2);
                    let vertices = [&a, &b, &c];
                    let (u, v) = (blend(&|at| vertices[at].uv.x), blend(&|at| vertices[at].uv.y));
                    let texel = texture.sample(u, v);
                    let source: [f32; 4] = std::array::from_fn(|ch| blend(&|at| colours[at][ch]) * texel[ch]);
                    let pixel = &mut target[y * width + x];
                    for channel in 0..4 {
                        pixel[channel] = source[channel] + pixel[channel] * (1.0 - source[3]);
                    }
                }
            }
        }
    }
}

impl Texture {
    fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        let (x, y) = (u * self.width as f32 - 0.5, v * self.height as f32 - 0.5);
        let (fx, fy) = (x - x.floor(), y - y.floor());
        let texel = |dx: i32, dy: i32| {
            let x = (x.floor() as i32 + dx).clamp(0, self.width as i32 - 1) as usize;
            let y = (y.floor() as i32 + dy).clamp(0, self.height as i32 - 1) as usize;
            self.pixels[y * self.width + x]
        };
        let corners = [texel(0, 0), texel(1, 0), texel(0, 1), texel(1, 1)];
        std::array::from_fn(|ch| {
            let top = corners[0][ch] * (1.0 - fx) + corners[1][ch] * fx;
            let bottom = corners[2][ch] * (1.0 - fx) + corners[3][ch] * fx;
            top * (1.0 - fy) + bottom * fy
        })
    }
}

impl Picture {
    pub(crate) fn write(&self, path: &Path) {
        let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        let mut encoder = png::Encoder::new(file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let rgb: Vec<u8> =
            self.pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        encoder.write_header().unwrap().write_image_data(&rgb).unwrap();
    }

    pub(crate) fn read(path: &Path) -> Option<Self> {
        let file = std::io::BufReader::new(std::fs::File::open(path).ok()?);
        let mut reader = png::Decoder::new(file).read_info().ok()?;
        let mut rgb = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut rgb).ok()?;
        let pixels = rgb.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
        Some(Self { width: info.width as usize, height: info.height as usize, pixels })
    }

    /// The share of pixels that differ by more than `tolerance` in any channel.
    pub(crate) fn difference(&self, other: &Self, tolerance: u8) -> f64 {
        if (self.width, self.height) != (other.width, other.height) {
            return 1.0;
        }
        let pairs = self.pixels.chunks_exact(4).zip(other.pixels.chunks_exact(4));
        let different =
            pairs.filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > tolerance)).count();
        different as f64 / (self.width * self.height) as f64
    }
}
