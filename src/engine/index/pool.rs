//! Room for the bits of all chunks, used again and made ready beforehand: memory that nobody has had for a while is given
//! by the system page by page, and for several megabytes of it that takes longer than the bits to be made.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::room::Room;

/// Rooms that are kept ready: more than a turn of a conversation has new conditions.
const READY: usize = 6;

/// Rooms of one size. Whoever finds them in use makes one of their own.
#[derive(Debug)]
pub(super) struct Pool {
    /// Words of a room.
    words: usize,
    rooms: Mutex<Vec<Room>>,
    /// Whether they are to be kept ready.
    awake: AtomicBool,
    /// Whether somebody makes some now.
    making: AtomicBool,
}

impl Pool {
    /// None yet, for so many words each.
    pub(super) fn new(words: usize) -> Self {
        Self { words, rooms: Mutex::default(), awake: AtomicBool::new(false), making: AtomicBool::new(false) }
    }

    /// A room; whatever was there before is in it.
    pub(super) fn take(&self) -> Room {
        let kept = self.rooms.try_lock().ok().and_then(|mut rooms| rooms.pop());
        kept.unwrap_or_else(|| Room::of(self.words))
    }

    /// Keeps a room for others, where there are not enough.
    pub(super) fn give(&self, room: Room) {
        if let Ok(mut rooms) = self.rooms.try_lock()
            && rooms.len() < READY
        {
            rooms.push(room);
        }
    }

    /// Whether rooms that were ready have been taken.
    pub(super) fn is_short(&self) -> bool {
        self.awake.load(Ordering::Relaxed) && self.rooms.try_lock().is_ok_and(|rooms| rooms.len() < READY)
    }

    /// Makes rooms until enough are ready, and from now on they are to be.
    pub(super) fn stock(&self) {
        self.awake.store(true, Ordering::Relaxed);
        if self.making.swap(true, Ordering::Acquire) {
            return;
        }
        while self.is_short() {
            let mut room = Room::of(self.words);
            // Only what was written to is there.
            room.fill(u64::MAX);
            self.give(room);
        }
        self.making.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_ready_once_it_is_awake() {
        let pool = Pool::new(8);
        pool.give(pool.take());
        assert!(!pool.is_short(), "nobody asked for more");
        pool.stock();
        assert!(!pool.is_short());
        let taken = pool.take();
        assert!(taken.len() == 8 && pool.is_short());
        pool.stock();
        assert_eq!(pool.rooms.lock().unwrap().len(), READY);
    }
}
