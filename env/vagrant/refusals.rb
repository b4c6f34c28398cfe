# What is seen before a machine starts, said with what mends it, rather than met in the midst of it.

require "socket"

module Tcplab
  # Looks at the provider, the box and the port.
  class Refusals
    HYPERV = "The course has no box for Hyper-V. On Windows, run it in WSL 2 without a virtual machine (README, " \
             "\"In a virtual machine\"), or with VirtualBox: vagrant up --provider=virtualbox".freeze
    BOX = "There is no box to start from yet. On Linux, build it: ./env/box --provider %<provider>s\n" \
          "Elsewhere, name the catalog that somebody built for you: TCPLAB_BOX_URL=https://…/metadata.json vagrant up\n" \
          "or another box of Debian 12 or Ubuntu 24.04: TCPLAB_BOX=NAME vagrant up".freeze
    TAKEN = "Port %<port>d of this computer, where JupyterLab is to be, is in use by another program.\n" \
            "Choose another, now and with each vagrant command: TCPLAB_VM_PORT=%<other>d vagrant up".freeze

    def initialize(env, machine, settings)
      @env, @machine, @settings = env, machine, settings
    end

    def check
      refuse(HYPERV) if @machine.provider_name == :hyperv
      @env.ui.warn("This is WSL: a Linux with a kernel of its own. The course runs in it directly: ./env/up") if wsl?
      refuse(format(BOX, provider: boxed)) unless box?
      return if running? || free?(@settings.port)

      refuse(format(TAKEN, port: @settings.port, other: next_free))
    end

    private

    def refuse(message)
      raise BadSetting, message
    end

    def boxed
      @machine.provider_name == :virtualbox ? "virtualbox" : "libvirt"
    end

    # A machine that exists has its disk; and what is no file of this computer's is found out when it is fetched.
    def box?
      url = @settings.box_url
      @machine.id || @machine.box || url.nil? || url.match?(%r{\A\w+://}) || File.exist?(url)
    end

    def running?
      @machine.state.id == :running
    end

    def free?(port)
      TCPServer.new("127.0.0.1", port).close
      true
    rescue SystemCallError
      false
    end

    def next_free
      (8890..8990).find { |port| free?(port) } || 18_888
    end

    def wsl?
      Vagrant::Util::Platform.wsl?
    end
  end
end
