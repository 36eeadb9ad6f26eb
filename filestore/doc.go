// Package filestore keeps connections in plain token files: a connection's name is the path of its token file, and the
// file belongs to its user, who may read, copy and edit it with anything.
//
// # The files beside a token file
//
// A token file T has up to four siblings. They stay beside T, so that containers that share a directory share the lock.
// None of them ends in .json.
//
//	T.lock      locked with flock(2) while T is refreshed; stays; empty; T's owner, mode 0600
//	T.pending   the journal of a refresh: who began it and when, then the raw reply; gone when T is saved; T's owner and mode
//	T.next      the next version of T, its space reserved beforehand; renamed over T; T's owner and mode
//	T.lost-…    a reply that belonged into no token, set aside for a person; a message names it; T's owner, mode 0600
//
// # Who can write beside a token
//
// Other users may be able to write into T's directory. They can stop a refresh, and end a grant by putting an old version
// back. They read no token and lead no request elsewhere:
//
//   - The directory is opened once for an update, by a path without symbolic links, and its files are reached through it. A link
//     to T is followed only if this user, root or T's owner made it.
//   - A sibling is used only if it is a regular file with one name that belongs to this user, to root or to T's owner.
//   - T.pending and T.next are created exclusively and used through the descriptor that created them. Owner and mode are
//     changed on no other file, and a name is renamed only while it names that file. They have the owner, mode and attributes of
//     the file that was read, also if another one has its name by now.
//   - T.pending contributes a token reply and nothing else. What a login changes in the registration (client, endpoint, proxy, secret)
//     waits in the connection's own document, and a document that another user could have written is not read.
//   - T.lock can be opened by T's owner and root alone: a reader of T cannot hold it.
//   - A run as root gives a file to no user but the owner of the token that it read, and logs in to another user's file only where
//     no third user can replace it.
//
// Symbolic links to T are resolved first, so that all processes agree on the siblings. Readers take no lock and write nothing.
//
// # What cannot be saved is not begun
//
// Before a refresh token is sent, Save has locked T, written and synced T.pending, reserved the space for the reply and
// for T.next, given T.next T's owner, mode, access control list and extended attributes, and made sure that a rename can
// replace T: not a mount point, not hard-linked, not another user's, not in a sticky world-writable directory. Anything
// that stands in the way is a [*freshet.Problem] with its remedy, and nothing was sent.
//
// # The state directory
//
// What is remembered of past refreshes of a plain file (health) is kept in one small file each under
// [Store.StateDir], named by a hash of the real path, together with replies that could not be written beside their
// token (spills). Health is best effort: without it, tokens are refreshed all the same.
//
// The hashes of refresh tokens are kept in an index: which connections and token files had a token, and which refresh replaced
// it. So a copy of a token that was replaced is not sent ([Store.CheckCopies]). The index is best effort, too, and bounded.
//
// A connection that is being created is connections/.new-… until it is whole. A process that is killed there leaves that file;
// the next run removes it.
package filestore
