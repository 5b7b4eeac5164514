import Glibc

/// A system call that failed: which one, and the error number.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    package let call: StaticString
    package let number: Int32

    package init(_ call: StaticString, _ number: Int32) {
        self.call = call
        self.number = number
    }

    /// The error of the call that just failed on this thread.
    init(_ call: StaticString) { self.init(call, errno) }

    /// Connecting took too long.
    package static let connectTimeout = SystemError("connect", ETIMEDOUT)

    package var description: String {
        guard let text = unsafe strerror(number) else { return "\(call): error \(number)" }
        return unsafe "\(call): \(String(cString: text))"
    }

    package static func == (left: SystemError, right: SystemError) -> Bool { left.number == right.number }
}
