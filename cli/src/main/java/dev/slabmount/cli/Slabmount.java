package dev.slabmount.cli;

import java.lang.System.Logger.Level;
import java.lang.module.ModuleDescriptor;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code slabmount} command: finds the subcommand, runs it, and ends with its exit code. */
@Command(
    name = "slabmount",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Slabmount.Version.class,
    description = "Mounts trees of content-addressed files as a native filesystem.",
    subcommands = {
      SnapshotCommand.class,
      MountCommand.class,
      UnmountCommand.class,
      ListCommand.class,
      StatsCommand.class,
      VerifyCommand.class,
      ShowCommand.class,
      ConvertCommand.class,
      DoctorCommand.class
    },
    usageHelpAutoWidth = true,
    sortOptions = false,
    footer = {
      "",
      "Exit codes and all options: docs/CLI.md. What this machine lacks: slabmount doctor."
    })
public final class Slabmount implements Runnable {
  /** Read by slf4j-simple when the first logger is made; its other settings are in a file. */
  private static final String LOG_LEVEL_PROPERTY = "org.slf4j.simpleLogger.log.dev.slabmount";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Log in detail; print a stack trace when something fails.")
  private boolean debug;

  /** Runs the command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    final int exitCode = outputChecked(execute(args));
    ExitGate.commandEnded(exitCode);
    System.exit(exitCode);
  }

  /** What was to be said is part of what was asked: output that got lost is a failure. */
  private static int outputChecked(int exitCode) {
    if (exitCode == ExitCode.OK.code() && System.out.checkError()) {
      System.err.println("slabmount: what was to be printed could not be written");
      return ExitCode.OUTPUT.code();
    }
    return exitCode;
  }

  /** Runs the command; picocli hands exceptions to the report, but lets errors of the JVM pass. */
  private static int execute(String[] args) {
    CommandLine command = commandLine();
    try {
      return command.execute(args);
    } catch (OutOfMemoryError e) {
      System.err.println(FailureReport.PREFIX + outOf(String.valueOf(e.getMessage())));
      return ExitCode.PREREQUISITE.code();
    } catch (LinkageError | StackOverflowError e) {
      return new FailureReport().unexpected(command, e, List.of(args).contains("--debug"));
    }
  }

  /** Java has one error for two things: no room in its heap, and no further thread to be had. */
  static String outOf(String message) {
    return message.startsWith("unable to create native thread")
        ? "cannot start another thread; lower --jobs or --threads, or raise the limit of processes"
            + " (ulimit -u, pids.max of the control group)"
        : "out of heap memory: " + message + "; try SLABMOUNT_JAVA_OPTS=-Xmx4g";
  }

  /** The command with all its subcommands and the way it reports failures. */
  static CommandLine commandLine() {
    Slabmount root = new Slabmount();
    FailureReport report = new FailureReport();
    return new CommandLine(root)
        .setExpandAtFiles(false) // a folder may be named @x
        .setExecutionStrategy(root::run)
        .setExecutionExceptionHandler(report)
        .setParameterExceptionHandler(report);
  }

  private int run(ParseResult parsed) {
    if (debug || Daemon.isServer()) {
      System.setProperty(LOG_LEVEL_PROPERTY, debug ? "debug" : "info");
    }
    // By one thread, before there are more: SLF4J complains when it is first used by several.
    System.getLogger("dev.slabmount.cli").log(Level.DEBUG, "{0}", parsed.originalArgs());
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Without a subcommand there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** Version of slabmount as the build wrote it into the module. */
  static String version() {
    return Optional.ofNullable(Slabmount.class.getModule().getDescriptor())
        .flatMap(ModuleDescriptor::rawVersion)
        .orElse("(unpackaged)");
  }

  /** Versions of slabmount and of the Java that runs it. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "slabmount " + version(),
        "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name")
      };
    }
  }
}
