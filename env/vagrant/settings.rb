# What can be set from outside, in one place: names of the environment, what holds without them, and their bounds.

module Tcplab
  PORT = 8888 # JupyterLab, on the loopback of the virtual machine
  BEHIND_NAT = 8889 # leads there; where a provider forwards to the machine's network card

  # What is made here, and what is made anew there: neither goes into the machine.
  NOT_SYNCED = %w[/.git /.venv /.venv.* /.tools /.box /.hypothesis /.mypy_cache /.pytest_cache /.ruff_cache
                  /dist /build /tests/browser/shots __pycache__ .ipynb_checkpoints].freeze

  # A value that cannot be: said in a sentence, without Ruby's stack.
  class BadSetting < Vagrant::Errors::VagrantError
    def initialize(message)
      @said = message
      super()
    end

    def error_message
      @said
    end
  end

  # The settings of this run.
  class Settings
    ROOT = File.expand_path("../..", __dir__)
    CATALOG = File.join(ROOT, ".box", "metadata.json")

    # Refuse a value that cannot be, before anything begins.
    def checked
      [port, memory_mb, cpus, driver, patience_s]
      self
    end

    # The box's name; any Debian 12 or later, or Ubuntu 24.04 or later, with systemd will do.
    def box
      ENV.fetch("TCPLAB_BOX", "tcplab/debian-12")
    end

    # Its catalog: the one that ./env/box writes. Another box has another address, or its registry's.
    def box_url
      ENV["TCPLAB_BOX_URL"] || (CATALOG unless ENV["TCPLAB_BOX"])
    end

    # Of this machine, where the address of JupyterLab is.
    def port
      number("TCPLAB_VM_PORT", 8888, 1024..65_535)
    end

    # JupyterLab and a lab take 900 MB.
    def memory_mb
      number("TCPLAB_VM_MEMORY", 2048, 1024..262_144)
    end

    def cpus
      number("TCPLAB_VM_CPUS", 2, 1..64)
    end

    # How long a machine may take to start: software emulation on a busy computer is slow.
    def patience_s
      number("TCPLAB_VM_PATIENCE", driver == "kvm" ? 300 : 1800, 60..86_400)
    end

    # kvm, or qemu: the same without the processor's help, ten times slower.
    def driver
      said = ENV.fetch("TCPLAB_VM_DRIVER") { File.writable?("/dev/kvm") || !linux? ? "kvm" : "qemu" }
      return said if %w[kvm qemu].include?(said)

      raise BadSetting, "TCPLAB_VM_DRIVER is #{said.inspect}; it is kvm, or qemu (software emulation)."
    end

    # As QEMU names this computer's processor; Apple's and Windows' too.
    def arch
      RbConfig::CONFIG["host_cpu"].match?(/arm|aarch/) ? "aarch64" : "x86_64"
    end

    def qemu_machine
      accelerator = if RbConfig::CONFIG["host_os"].include?("darwin") then "hvf"
                    else linux? && driver == "kvm" ? "kvm" : "tcg"
                    end
      "#{arch == 'aarch64' ? 'virt' : 'q35'},accel=#{accelerator}"
    end

    def qemu_cpu
      qemu_machine.end_with?("tcg") ? "max" : "host"
    end

    private

    def linux?
      RbConfig::CONFIG["host_os"].include?("linux")
    end

    def number(name, default, range)
      said = ENV[name]
      return default if said.nil? || said.empty?
      return said.to_i if said.match?(/\A\d+\z/) && range.cover?(said.to_i)

      raise BadSetting, "#{name} is #{said.inspect}; it is a whole number from #{range.first} to #{range.last}."
    end
  end
end
