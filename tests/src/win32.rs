//! A host's window on Windows with the plugin's editor in it, looked at and used as a person does: mouse, keys,
//! files dragged out and in.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use raw_window_handle::{RawWindowHandle, Win32WindowHandle};
use windows::Win32::Foundation::{HWND, LPARAM, LRESULT, POINT, POINTL, RECT, WPARAM};
use windows::Win32::Graphics::Gdi::{ClientToScreen, GetDC, ReleaseDC};
use windows::Win32::Graphics::OpenGL::{
    GL_BACK, GL_PACK_ALIGNMENT, GL_RGBA, GL_UNSIGNED_BYTE, glFinish, glPixelStorei, glReadBuffer,
    glReadPixels, wglCreateContext, wglDeleteContext, wglMakeCurrent,
};
use windows::Win32::System::Com::{DVASPECT_CONTENT, FORMATETC, IDataObject, TYMED_HGLOBAL};
use windows::Win32::System::LibraryLoader::GetModuleHandleW;
use windows::Win32::System::Ole::{
    CF_HDROP, DROPEFFECT, DROPEFFECT_COPY, IDropTarget, IDropTarget_Impl, OleInitialize, RegisterDragDrop,
    ReleaseStgMedium, RevokeDragDrop,
};
use windows::Win32::System::SystemServices::MODIFIERKEYS_FLAGS;
use windows::Win32::UI::Input::KeyboardAndMouse::{
    INPUT, INPUT_0, INPUT_KEYBOARD, INPUT_MOUSE, KEYBD_EVENT_FLAGS, KEYBDINPUT, KEYEVENTF_KEYUP,
    MAPVK_VK_TO_VSC, MOUSE_EVENT_FLAGS, MOUSEEVENTF_LEFTDOWN, MOUSEEVENTF_LEFTUP, MOUSEINPUT, MapVirtualKeyW,
    SendInput, VIRTUAL_KEY,
};
use windows::Win32::UI::Shell::{DragQueryFileW, HDROP};
use windows::Win32::UI::WindowsAndMessaging::{
    AdjustWindowRect, CreateWindowExW, DefWindowProcW, DestroyWindow, DispatchMessageW, GW_CHILD,
    GetClientRect, GetWindow, IsWindow, MSG, PM_REMOVE, PeekMessageW, RegisterClassW, SetCursorPos,
    SetForegroundWindow, TranslateMessage, WINDOW_EX_STYLE, WM_CHAR, WM_KEYDOWN, WNDCLASSW, WS_CLIPCHILDREN,
    WS_OVERLAPPEDWINDOW, WS_VISIBLE,
};
use windows::core::{PCWSTR, w};
use windows_core::{Ref, implement};

use crate::artifacts;
use crate::clap_host::{PATIENCE, Plugin};

/// One at a time: they lie at the same place, and there is one mouse.
static SCREEN: Mutex<()> = Mutex::new(());
/// Keys that reached a host's window.
static KEYS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Where a host's window lies on the screen.
const AT: (i32, i32) = (10, 10);

fn keys() -> MutexGuard<'static, Vec<u32>> {
    KEYS.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe extern "system" fn procedure(window: HWND, message: u32, key: WPARAM, rest: LPARAM) -> LRESULT {
    if message == WM_KEYDOWN || message == WM_CHAR {
        let key = key.0 as u32;
        keys().push(if message == WM_CHAR { key << 16 } else { key });
        return LRESULT(0);
    }
    // SAFETY: the system's own arguments are handed on.
    unsafe { DefWindowProcW(window, message, key, rest) }
}

fn make_window(at: (i32, i32), size: (i32, i32)) -> HWND {
    const CLASS: PCWSTR = w!("DeepDrummerTestHost");
    // SAFETY: the class and the texts live as long as the program; the window procedure keeps to its arguments.
    unsafe {
        let module = GetModuleHandleW(None).unwrap();
        let class = WNDCLASSW {
            lpfnWndProc: Some(procedure),
            hInstance: module.into(),
            lpszClassName: CLASS,
            ..WNDCLASSW::default()
        };
        // The second time it is there already.
        RegisterClassW(&raw const class);
        let style = WS_OVERLAPPEDWINDOW | WS_VISIBLE | WS_CLIPCHILDREN;
        let mut frame = RECT { left: 0, top: 0, right: size.0, bottom: size.1 };
        AdjustWindowRect(&raw mut frame, style, false).unwrap();
        let (across, down) = (frame.right - frame.left, frame.bottom - frame.top);
        let title = w!("A host of tests");
        let instance = Some(module.into());
        CreateWindowExW(
            WINDOW_EX_STYLE(0),
            CLASS,
            title,
            style,
            at.0,
            at.1,
            across,
            down,
            None,
            None,
            instance,
            None,
        )
        .unwrap()
    }
}

/// A host's window, the only one for as long as it lives.
pub struct Desk {
    /// Its window.
    pub window: HWND,
    _alone: MutexGuard<'static, ()>,
}

impl Desk {
    /// Opens a window in which editors of the usual sizes fit.
    #[must_use]
    pub fn open() -> Self {
        let alone = SCREEN.lock().unwrap_or_else(PoisonError::into_inner);
        keys().clear();
        Self { window: make_window(AT, (1_090, 680)), _alone: alone }
    }

    /// Lets the host's thread do what is waiting.
    pub fn pump(&self, plugin: &mut Plugin, time: Duration) {
        let until = Instant::now() + time;
        loop {
            let mut message = MSG::default();
            // SAFETY: the message is this function's own.
            unsafe {
                while PeekMessageW(&raw mut message, None, 0, 0, PM_REMOVE).as_bool() {
                    let _ = TranslateMessage(&raw const message);
                    DispatchMessageW(&raw const message);
                }
            }
            plugin.idle();
            if Instant::now() >= until {
                return;
            }
            std::thread::sleep(Duration::from_millis(4));
        }
    }

    /// Waits for something while the host's thread goes on.
    ///
    /// # Panics
    /// When it does not come.
    pub fn until<T>(
        &self,
        what: &str,
        plugin: &mut Plugin,
        mut is: impl FnMut(&mut Plugin) -> Option<T>,
    ) -> T {
        let limit = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = is(plugin) {
                return found;
            }
            assert!(Instant::now() < limit, "waited in vain for {what}");
            self.pump(plugin, Duration::from_millis(30));
        }
    }

    /// The editor's window, if there is one.
    #[must_use]
    pub fn editor(&self) -> Option<HWND> {
        // SAFETY: a window that is gone is an error.
        unsafe { GetWindow(self.window, GW_CHILD).ok() }
    }

    /// The editor's size.
    #[must_use]
    pub fn editor_size(&self) -> Option<(u32, u32)> {
        let mut area = RECT::default();
        // SAFETY: as above; the rectangle is this function's own.
        unsafe { GetClientRect(self.editor()?, &raw mut area).ok()? };
        Some((area.right.try_into().ok()?, area.bottom.try_into().ok()?))
    }

    /// What the editor has drawn, rows from the top, four bytes a pixel. It is read back from the graphics card:
    /// Wine 8 shows no child window's OpenGL on the screen.
    #[must_use]
    pub fn picture(&self) -> Option<Picture> {
        let (editor, (width, height)) = (self.editor()?, self.editor_size()?);
        let mut pixels = vec![0_u8; (width * height * 4) as usize];
        // SAFETY: the editor is open; the context is made, used and deleted here, on the thread that owns the
        // window, and none is current then; there is room for all pixels.
        unsafe {
            let device = GetDC(Some(editor));
            let context = wglCreateContext(device).ok()?;
            let current = wglMakeCurrent(device, context).is_ok();
            if current {
                // Software drivers copy a frame to the screen and keep it.
                glReadBuffer(GL_BACK);
                glPixelStorei(GL_PACK_ALIGNMENT, 1);
                let (width, height) = (width as i32, height as i32);
                glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, pixels.as_mut_ptr().cast());
                glFinish();
                let _ = wglMakeCurrent(device, Default::default());
            }
            let _ = wglDeleteContext(context);
            ReleaseDC(Some(editor), device);
            current.then_some(())?;
        }
        let row = (width * 4) as usize;
        let pixels = pixels.chunks(row).rev().flatten().copied().collect();
        Some(Picture { width, height, pixels })
    }

    /// A point of the editor on the screen, given in parts of its width and height.
    #[must_use]
    pub fn on_screen(&self, spot: (f64, f64)) -> (i32, i32) {
        let (width, height) = self.editor_size().expect("the editor is open");
        let (x, y) = (spot.0 * f64::from(width), spot.1 * f64::from(height));
        let mut point = POINT { x: x as i32, y: y as i32 };
        // SAFETY: the editor is open; the point is this function's own.
        unsafe {
            let _ = ClientToScreen(self.editor().expect("the editor is open"), &raw mut point);
        }
        (point.x, point.y)
    }

    /// Clicks into the editor.
    pub fn click(&self, plugin: &mut Plugin, spot: (f64, f64)) {
        move_to(self.on_screen(spot));
        self.pump(plugin, Duration::from_millis(120));
        button(MOUSEEVENTF_LEFTDOWN);
        self.pump(plugin, Duration::from_millis(80));
        button(MOUSEEVENTF_LEFTUP);
        self.pump(plugin, Duration::from_millis(120));
    }

    /// Brings the host's window to the front, as a click on its title does.
    pub fn to_front(&self, plugin: &mut Plugin) {
        // SAFETY: a window that is gone is an error.
        unsafe {
            let _ = SetForegroundWindow(self.window);
        }
        self.pump(plugin, Duration::from_millis(200));
    }

    /// Presses and lets go of a key.
    pub fn key(&self, plugin: &mut Plugin, key: u16) {
        // As from a keyboard, which says which key it was.
        // SAFETY: plain numbers.
        let scan = unsafe { MapVirtualKeyW(key.into(), MAPVK_VK_TO_VSC) } as u16;
        for flags in [KEYBD_EVENT_FLAGS(0), KEYEVENTF_KEYUP] {
            let keyboard =
                KEYBDINPUT { wVk: VIRTUAL_KEY(key), wScan: scan, dwFlags: flags, ..KEYBDINPUT::default() };
            send(INPUT { r#type: INPUT_KEYBOARD, Anonymous: INPUT_0 { ki: keyboard } });
            self.pump(plugin, Duration::from_millis(60));
        }
    }

    /// Keys that the host's window got, by their virtual codes.
    #[must_use]
    pub fn host_keys(&self) -> Vec<u32> {
        keys().iter().copied().filter(|key| *key < 1 << 16).collect()
    }

    /// Closes the host's window, and with it all windows in it.
    pub fn destroy(&self) {
        // SAFETY: a window that is gone is an error.
        unsafe {
            let _ = DestroyWindow(self.window);
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // SAFETY: a window that is gone is told apart.
        unsafe {
            if IsWindow(Some(self.window)).as_bool() {
                let _ = DestroyWindow(self.window);
            }
        }
    }
}

/// Pixels of a window.
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// How many colours there are: text alone gives dozens.
    #[must_use]
    pub fn colours(&self) -> usize {
        let colours: std::collections::HashSet<&[u8]> =
            self.pixels.chunks(4).map(|pixel| &pixel[..3]).collect();
        colours.len()
    }

    /// Leaves it among what tests leave to look at.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn keep(&self, name: &str) {
        let file = std::fs::File::create(artifacts::output_folder().join(name)).expect("a picture's file");
        let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        let rows: Vec<u8> = self.pixels.chunks(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&rows)).expect("a picture");
    }
}

fn send(input: INPUT) {
    // SAFETY: one input of the size that is told.
    unsafe {
        SendInput(&[input], size_of::<INPUT>() as i32);
    }
}

fn button(flags: MOUSE_EVENT_FLAGS) {
    let mouse = MOUSEINPUT { dwFlags: flags, ..MOUSEINPUT::default() };
    send(INPUT { r#type: INPUT_MOUSE, Anonymous: INPUT_0 { mi: mouse } });
}

fn move_to(at: (i32, i32)) {
    // SAFETY: plain numbers.
    unsafe {
        let _ = SetCursorPos(at.0, at.1);
    }
}

/// A hand that drags, on a thread of its own: the system keeps the host's thread while files are dragged.
pub fn drag(from: (i32, i32), to: (i32, i32)) -> std::thread::JoinHandle<()> {
    let wait = |milliseconds| std::thread::sleep(Duration::from_millis(milliseconds));
    std::thread::spawn(move || {
        move_to(from);
        wait(300);
        button(MOUSEEVENTF_LEFTDOWN);
        wait(200);
        for step in 1..=6 {
            move_to((from.0 + step * 3, from.1 - step * 3));
            wait(60);
        }
        // The files are written and the drag starts while the button is down.
        wait(1_500);
        for step in 1..=10 {
            let at = |from: i32, to: i32| from + (to - from) * step / 10;
            move_to((at(from.0, to.0), at(from.1, to.1)));
            wait(60);
        }
        wait(500);
        button(MOUSEEVENTF_LEFTUP);
    })
}

/// A window that takes dropped files.
pub struct Target {
    window: HWND,
    dropped: Receiver<Vec<PathBuf>>,
}

impl Target {
    /// Opens it beside the host's window.
    ///
    /// # Panics
    /// When the system refuses.
    #[must_use]
    pub fn open(at: (i32, i32), size: (i32, i32)) -> Self {
        let (told, dropped) = channel();
        let window = make_window(at, size);
        let target: IDropTarget = Taker { told }.into();
        // SAFETY: this thread has the window and keeps it until the registration is taken back.
        unsafe {
            let _ = OleInitialize(None);
            RegisterDragDrop(window, &target).unwrap();
        }
        Self { window, dropped }
    }

    /// The window, as drags want it that begin in it.
    ///
    /// # Panics
    /// Never: an open window is not none.
    #[must_use]
    pub fn handle(&self) -> RawWindowHandle {
        let window = std::num::NonZeroIsize::new(self.window.0 as isize).expect("an open window is not none");
        RawWindowHandle::Win32(Win32WindowHandle::new(window))
    }

    /// What was dropped onto it since the last question.
    #[must_use]
    pub fn dropped(&self) -> Option<Vec<PathBuf>> {
        self.dropped.try_recv().ok()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // SAFETY: the window is this object's own.
        unsafe {
            let _ = RevokeDragDrop(self.window);
            let _ = DestroyWindow(self.window);
        }
    }
}

#[implement(IDropTarget)]
struct Taker {
    told: Sender<Vec<PathBuf>>,
}

fn files(data: &IDataObject) -> Vec<PathBuf> {
    use std::os::windows::ffi::OsStringExt as _;
    let format = FORMATETC {
        cfFormat: CF_HDROP.0,
        ptd: std::ptr::null_mut(),
        dwAspect: DVASPECT_CONTENT.0,
        lindex: -1,
        tymed: TYMED_HGLOBAL.0 as u32,
    };
    // SAFETY: the data belongs to the drag under way; what it gives is released when it was read.
    unsafe {
        let Ok(mut medium) = data.GetData(&raw const format) else { return Vec::new() };
        let list = HDROP(medium.u.hGlobal.0);
        let count = DragQueryFileW(list, u32::MAX, None);
        let paths = (0..count).map(|number| {
            let mut text = vec![0_u16; DragQueryFileW(list, number, None) as usize + 1];
            let length = DragQueryFileW(list, number, Some(&mut text)) as usize;
            PathBuf::from(std::ffi::OsString::from_wide(&text[..length]))
        });
        let paths = paths.collect();
        ReleaseStgMedium(&raw mut medium);
        paths
    }
}

#[allow(non_snake_case, reason = "the interface's own names")]
impl IDropTarget_Impl for Taker_Impl {
    fn DragEnter(
        &self,
        _: Ref<IDataObject>,
        _: MODIFIERKEYS_FLAGS,
        _: &POINTL,
        effect: *mut DROPEFFECT,
    ) -> windows_core::Result<()> {
        // SAFETY: the system's own.
        unsafe { effect.write(DROPEFFECT_COPY) };
        Ok(())
    }

    fn DragOver(
        &self,
        _: MODIFIERKEYS_FLAGS,
        _: &POINTL,
        effect: *mut DROPEFFECT,
    ) -> windows_core::Result<()> {
        // SAFETY: the system's own.
        unsafe { effect.write(DROPEFFECT_COPY) };
        Ok(())
    }

    fn DragLeave(&self) -> windows_core::Result<()> {
        Ok(())
    }

    fn Drop(
        &self,
        data: Ref<IDataObject>,
        _: MODIFIERKEYS_FLAGS,
        _: &POINTL,
        effect: *mut DROPEFFECT,
    ) -> windows_core::Result<()> {
        let _ = self.told.send(data.as_ref().map(files).unwrap_or_default());
        // SAFETY: the system's own.
        unsafe { effect.write(DROPEFFECT_COPY) };
        Ok(())
    }
}
