import CLinux
import Glibc
import Storage

/// Puts a store that was made in a folder of its own where another one is, or none.
package enum StoreReplacement {
    /// Gives a store's folder the name of another one, which is kept under a name of its own.
    ///
    /// Whenever the power fails, there is a whole store under the name.
    /// - Parameters:
    ///   - new: the folder of the store; nobody has it open.
    ///   - path: where it is to be, on the same file system.
    ///   - old: the name for what is there so far; nothing may have it.
    /// - Throws: ``StoreError/inUse(holder:)`` if somebody has the former store open, ``StoreError/system(code:)``.
    package static func put(_ new: String, at path: String, keepingOldAs old: String) throws(StoreError) {
        let mark = new + "/" + unfinishedName
        guard unsafe unlink(mark) == 0 || errno == ENOENT else { throw .system(code: errno) }
        guard unsafe access(path, F_OK) == 0 else {
            try rename(new, to: path)
            return try SystemLogDisk.syncNames(in: path + "/..")
        }
        // Nobody opens it before it has its other name.
        let folder = try StoreFolder(path: path)
        // Both paths' C strings live for the length of the call.
        if unsafe clinux_exchange(new, path) == 0 {
            try rename(new, to: old)
        } else {
            guard errno == EINVAL || errno == ENOSYS else { throw .system(code: errno) }
            // A file system that cannot exchange names: between the two there is none.
            try rename(path, to: old)
            try rename(new, to: path)
        }
        try SystemLogDisk.syncNames(in: path + "/..")
        _ = consume folder
    }

    private static func rename(_ path: String, to other: String) throws(StoreError) {
        // Both paths' C strings live for the length of the call.
        guard unsafe Glibc.rename(path, other) == 0 else { throw .system(code: errno) }
    }

    /// A file in the folder of a store that is being made.
    private static let unfinishedName = "unfinished"

    /// Marks the folder of a store that is being made.
    static func mark(_ path: String) throws(StoreError) {
        _ = try SystemLogDisk(folder: path).create(unfinishedName)
    }

    /// Removes a folder that holds a store which was never finished, if there is one.
    ///
    /// - Returns: false if the store is whole, so that it stays.
    package static func removeUnfinished(_ path: String) throws(StoreError) -> Bool {
        guard unsafe access(path, F_OK) == 0 else { return true }
        guard unsafe access(path + "/" + unfinishedName, F_OK) == 0 else { return false }
        let folder = try StoreFolder(path: path)
        for part in [path + "/log", path] {
            let names = try SystemLogDisk(folder: part).names().filter { part != path || $0 != "log" }
            // The mark goes last, so that a removal that is interrupted can go on.
            for name in names.filter({ $0 != unfinishedName }) + names.filter({ $0 == unfinishedName }) {
                guard unsafe unlink(part + "/" + name) == 0 else { throw .system(code: errno) }
            }
            guard unsafe rmdir(part) == 0 else { throw .system(code: errno) }
        }
        _ = consume folder
        return true
    }
}
