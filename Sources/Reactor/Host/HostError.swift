import Glibc

/// What the system refused, and why.
package struct HostError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried: `open /var/lib/pharos-scim`.
    package let operation: String
    /// The error number.
    package let code: Int32

    package init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: 256)
        // The buffer lives for the calls, and is long enough for every message of glibc.
        let reason = unsafe text.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else {
                return "error \(code)"
            }
            return unsafe String(cString: start)
        }
        return "cannot \(operation): \(reason)"
    }
}
