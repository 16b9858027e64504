package dev.slabmount.cli;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.VerificationMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code mount} was asked to do, with every number checked.
 *
 * @param manifest the file that describes the tree
 * @param store the folder that holds its content
 * @param mountpoint where to mount
 * @param pool how much memory the content may take, and in which blocks
 * @param verification how far content is checked before it is served
 * @param transport what carries requests and answers
 * @param filesystem the settings of the filesystem
 * @param onlyLinksInside whether a manifest with links that lead out of its tree is refused
 * @param readAhead how many bytes the kernel shall read ahead; 0: as it does by itself
 * @param kernel what is agreed with the kernel over the filesystem's head
 * @param threads how many workers answer the kernel
 * @param options mount options for libfuse, {@code key} or {@code key=value}
 * @param log where the messages of a daemon go; empty in the foreground
 * @param debugFuse whether to write a line for each request and answer
 * @param stats whether to say at the end what was done
 */
record MountPlan(
    Path manifest,
    Path store,
    Path mountpoint,
    MemoryPoolConfig pool,
    VerificationMode verification,
    TransportKind transport,
    VfsOptions filesystem,
    boolean onlyLinksInside,
    int readAhead,
    KernelOptions.Choice kernel,
    int threads,
    List<String> options,
    Optional<Path> log,
    boolean debugFuse,
    boolean stats) {}
