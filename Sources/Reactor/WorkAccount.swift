import CLinux

/// On whose account a thread works: the number of a tenant, or 0 for the server's own work.
///
/// Whatever a thread hands to a loop comes to the turns of the account on which it works then, so that the work of one
/// tenant does not wait for all that another one has asked for. It decides about turns and about nothing else.
package enum WorkAccount {
    /// The calling thread's.
    package static var current: UInt32 {
        get { clinux_thread_account() }
        set { clinux_set_thread_account(newValue) }
    }

    /// Runs a body that does not wait on an account, and goes on with the one before it.
    package static func perform(for account: UInt32, _ body: () -> Void) {
        let before = current
        current = account
        body()
        current = before
    }
}
